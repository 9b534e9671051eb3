import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../config/loopback.ts';
import { NorthstarError } from '../errors/northstar-error.ts';

export interface GuardConfig {
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

/**
 * Refuses requests that a web page could have made this machine's browser send: a foreign Origin, or a Host that is
 * not ours (DNS rebinding). Runs before everything else, on every route.
 */
export function requestGuard(config: GuardConfig): (req: IncomingMessage) => void {
  const hosts = new Set([config.host.toLowerCase(), ...config.allowedHosts]);
  const origins = new Set(config.allowedOrigins);
  return (req) => {
    const name = hostName(req.headers.host);
    if (name === undefined || !(isLoopback(name) || hosts.has(name)))
      throw new NorthstarError(
        'host.forbidden',
        'The Host header names a server that this is not. Use the address that the host printed at start, or have the operator add the name to NORTHSTAR_ALLOWED_HOSTS.',
      );
    const { origin } = req.headers;
    if (origin === undefined) return;
    if (!origins.has(origin.toLowerCase()) && !isLoopbackOrigin(origin))
      throw new NorthstarError(
        'origin.forbidden',
        'Pages of this Origin may not talk to this host. The operator can add the origin to NORTHSTAR_ALLOWED_ORIGINS.',
      );
  };
}

/** Host without port, lower case; `undefined` when the header is absent or malformed. */
function hostName(header: string | undefined): string | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(header ?? '');
  return Number(match?.[2] ?? 0) > 65_535 ? undefined : match?.[1]?.toLowerCase();
}

function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return (protocol === 'http:' || protocol === 'https:') && isLoopback(hostname);
}
