import { connectNats, watchConnection } from '../drivers/nats/connect-nats.ts';
import { toNatsError } from '../drivers/nats/nats-error.ts';
import type { HintBus } from '../hint-bus.ts';
import { RemoteHints } from './remote-hints.ts';

export interface NatsHintsOptions {
  readonly url: string;
  /** Hosts with the same subject wake each other. Default `northstar.hints`. Not one that JetStream stores. */
  readonly subject?: string;
}

/** Tokens of letters, digits, _ and -, with dots between them. */
const SUBJECT = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
/** Enough to send the hints of one burst together. */
const COALESCE_MS = 1;
const TIMEOUT_MS = 5000;

/**
 * Hints through NATS, without JetStream, on a connection of their own that renews itself; what was missed meanwhile
 * is made up for by waking everybody.
 *
 * @throws StoreError `unavailable` when the first connection fails or the package is missing.
 */
export async function openNatsHints({ url, subject = 'northstar.hints' }: NatsHintsOptions): Promise<HintBus> {
  if (!SUBJECT.test(subject)) throw new RangeError(`The NATS subject "${subject}" is not like northstar.hints.`);
  const hints = new RemoteHints(COALESCE_MS);
  const connection = await connectNats(url, TIMEOUT_MS);
  try {
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (!error) hints.receive(message.string());
      },
    });
    // The server has the subscription once it has answered.
    await connection.flush();
  } catch (error) {
    await connection.close();
    throw toNatsError(error, 'listen for hints', false);
  }
  void watchConnection(connection, (up) => {
    if (up) hints.wakeEverybody();
  });
  hints.connect({
    async send(payload) {
      connection.publish(subject, payload);
    },
    close: () => connection.close(),
  });
  return hints;
}
