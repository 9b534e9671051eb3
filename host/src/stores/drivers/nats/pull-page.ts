import type { NatsConnection } from '@nats-io/transport-node';
import { fromPayload, type StoredMessage } from './event-message.ts';

/** Bytes of messages in one page: a few of the largest that the host writes, so that one always fits. */
const PAGE_BYTES = 16 * 1024 * 1024;

/** The next messages of a reader, and how many were behind them. */
export interface PulledPage {
  readonly messages: readonly StoredMessage[];
  readonly pending: number;
}

/**
 * The next messages of a reader, at most `batch` of them and at most 16 MiB. One request: the `fetch` of the client
 * library takes a limit of messages or one of bytes, while the server takes both.
 *
 * Undefined when the answer is not whole after `timeoutMs` milliseconds. Nobody knows then where the reader stands.
 */
export async function pullPage(
  connection: NatsConnection,
  { stream, reader, batch, timeoutMs }: { stream: string; reader: string; batch: number; timeoutMs: number },
): Promise<PulledPage | undefined> {
  const request = JSON.stringify({ batch, max_bytes: PAGE_BYTES, no_wait: true });
  const answers = await connection.requestMany(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${reader}`, request, {
    strategy: 'timer',
    maxWait: timeoutMs,
    // Messages come under their own subjects, by which the shared subscription would not find the request again.
    noMux: true,
  });
  const messages: StoredMessage[] = [];
  let last = '';
  for await (const answer of answers) {
    // A status ends the page: no more messages, or no more that fit.
    const ended = answer.data.length === 0 && (answer.headers?.code ?? 0) > 0;
    if (!ended) messages.push(fromPayload(sequenceIn((last = answer.reply!)), answer.string()));
    if (ended || messages.length === batch) return { messages, pending: last === '' ? 0 : pendingIn(last) };
  }
  return undefined;
}

/*
 * A message says where it stands in the subject on which it would be acknowledged:
 * `$JS.ACK.<stream>.<reader>.<deliveries>.<sequence>.<delivered>.<time>.<pending>`; some servers put a domain and an
 * account before the stream, and a token at the end.
 */
const SEQUENCE = 5;
const PENDING = 8;

function sequenceIn(reply: string): number {
  return tokenIn(reply, SEQUENCE);
}

function pendingIn(reply: string): number {
  return tokenIn(reply, PENDING);
}

function tokenIn(reply: string, place: number): number {
  const tokens = reply.split('.');
  return Number(tokens[tokens.length > PENDING + 1 ? place + 2 : place]);
}
