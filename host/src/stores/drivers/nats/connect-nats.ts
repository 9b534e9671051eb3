import type { NatsConnection } from '@nats-io/transport-node';
import { importClient } from '../import-client.ts';
import { toNatsError } from './nats-error.ts';

/**
 * A connection that renews itself for as long as it is open.
 *
 * @param url `nats://user:password@host:4222`, `nats://token@host:4222`, or without either; `tls://` likewise.
 * @throws StoreError `unavailable` when the first connection fails or the package is missing.
 */
export async function connectNats(url: string, timeoutMs: number): Promise<NatsConnection> {
  const { connect } = await importClient('NATS', '@nats-io/transport-node', () => import('@nats-io/transport-node'));
  const { protocol, host, username, password } = new URL(url);
  try {
    return await connect({
      servers: host,
      name: 'northstar',
      timeout: timeoutMs,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      // Finds out about a connection that a firewall has forgotten.
      pingInterval: 10_000,
      ...credentialsOf(username, password),
      ...(protocol === 'tls:' && { tls: {} }),
    });
  } catch (error) {
    throw toNatsError(error, 'connect', false);
  }
}

/** A user and a password, or a token: what stands alone before the host, as all clients of NATS read it. */
function credentialsOf(username: string, password: string): { user?: string; pass?: string; token?: string } {
  const [first, second] = [decodeURIComponent(username), decodeURIComponent(password)];
  if (first === '') return {};
  return second === '' ? { token: first } : { user: first, pass: second };
}

/** Calls back at every change between connected and not, until the connection is closed. */
export async function watchConnection(connection: NatsConnection, changed: (up: boolean) => void): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect' || type === 'reconnect') changed(type === 'reconnect');
  }
}
