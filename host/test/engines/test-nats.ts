/** The server that the tests run against, and a stream of their own in it. Only imported by tests. */
import { randomBytes } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { connectNats } from '../../src/stores/drivers/nats/connect-nats.ts';
import { openNats, type NatsOptions, type NatsStores } from '../../src/stores/drivers/nats/open-nats.ts';

export const NATS_URL = process.env.NORTHSTAR_TEST_NATS_URL ?? 'nats://127.0.0.1:4222';

/** Why there is no server to test against; undefined when there is one. */
export async function whyUnreachable(): Promise<string | undefined> {
  try {
    const connection = await connectNats(NATS_URL, 3000);
    await jetstreamManager(connection);
    await connection.close();
    return undefined;
  } catch (error) {
    return `no NATS with JetStream at NORTHSTAR_TEST_NATS_URL (${(error as Error).message})`;
  }
}

export function freshStream(): string {
  return `NS_TEST_${process.pid}_${randomBytes(4).toString('hex')}`;
}

export async function removeStream(name: string): Promise<void> {
  const connection = await connectNats(NATS_URL, 5000);
  await (await jetstreamManager(connection)).streams.delete(name).catch(() => {});
  await connection.close();
}

/** A spine in a stream of its own, which `close` removes. */
export async function openTestNats(options: Partial<NatsOptions> = {}): Promise<NatsStores & { stream: string }> {
  const stream = freshStream();
  const stores = await openNats({ url: NATS_URL, stream, ...options });
  const close = async (): Promise<void> => {
    await stores.close();
    await removeStream(stream);
  };
  return { ...stores, stream, close };
}
