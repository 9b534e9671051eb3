import type { IncomingMessage } from 'node:http';
import type { AuthConfig } from '../config/host-config.ts';

export interface AuthMetadataConfig {
  readonly auth: AuthConfig;
  /** Scheme and host that clients call, where a proxy stands in front. */
  readonly publicUrl?: string | undefined;
}

/** Paths that a token can be asked for: the MCP endpoint, and those of connections. */
const RESOURCE = /^(?:\/mcp|\/c\/[A-Za-z0-9_-]{1,64}\/mcp)$/;
export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/**
 * RFC 9728 metadata for a request to `/.well-known/oauth-protected-resource<resource path>`, which tells a client
 * where to get a token. Undefined where the host does not authenticate or has no such resource.
 */
export function protectedResourceMetadata(config: AuthMetadataConfig, req: IncomingMessage): object | undefined {
  const path = pathOf(req).slice(METADATA_PATH.length) || '/mcp';
  if (config.auth.kind === 'none' || !RESOURCE.test(path)) return undefined;
  return {
    resource: `${origin(config, req)}${path}`,
    authorization_servers: [config.auth.issuer],
    bearer_methods_supported: ['header'],
    resource_name: 'Northstar',
  };
}

/** The WWW-Authenticate header of a 401: it names the metadata of the resource that was asked for. */
export function authChallenge(config: AuthMetadataConfig, req: IncomingMessage): string | undefined {
  if (config.auth.kind === 'none') return undefined;
  const path = RESOURCE.test(pathOf(req)) ? pathOf(req) : '/mcp';
  return `Bearer resource_metadata="${origin(config, req)}${METADATA_PATH}${path}"`;
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? '/').split('?', 1)[0] ?? '/';
}

/** Without a public URL, what the client itself called; the request guard has already checked the Host header. */
function origin({ publicUrl }: AuthMetadataConfig, req: IncomingMessage): string {
  if (publicUrl !== undefined) return publicUrl;
  const encrypted = (req.socket as { encrypted?: boolean }).encrypted === true;
  return `${encrypted ? 'https' : 'http'}://${req.headers.host ?? 'localhost'}`;
}
