import type { IncomingMessage } from 'node:http';
import type { AuthConfig } from '../config/host-config.ts';

/** RFC 9728 metadata, which tells a client where to get a token; absent where the host does not authenticate. */
export function protectedResourceMetadata(auth: AuthConfig, req: IncomingMessage): object | undefined {
  if (auth.kind === 'none') return undefined;
  return {
    resource: `${origin(req)}/mcp`,
    authorization_servers: [auth.issuer],
    bearer_methods_supported: ['header'],
    resource_name: 'Northstar',
  };
}

/** The WWW-Authenticate header of a 401. */
export function authChallenge(auth: AuthConfig, req: IncomingMessage): string | undefined {
  if (auth.kind === 'none') return undefined;
  return `Bearer resource_metadata="${origin(req)}/.well-known/oauth-protected-resource/mcp"`;
}

/** The request guard has already checked the Host header. */
function origin(req: IncomingMessage): string {
  const encrypted = (req.socket as { encrypted?: boolean }).encrypted === true;
  return `${encrypted ? 'https' : 'http'}://${req.headers.host ?? 'localhost'}`;
}
