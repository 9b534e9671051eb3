import { StoreError } from '../../store-error.ts';

/** Replies of the server start with a word in capitals; nothing was written then. */
const REPLY = /^([A-Z]{2,}) /;
/** The client knows that it did not send. */
const NOT_SENT = new Set(['ClientOfflineError', 'ClientClosedError']);

/** The first word of an error reply, `NOSCRIPT` for one; undefined when the server did not answer. */
export function replyWord(error: unknown): string | undefined {
  return REPLY.exec((error as Error).message)?.[1];
}

/**
 * What the client threw, in the words of the port.
 *
 * @param sent a write was handed to the connection: without an answer its outcome is unknown.
 */
export function toRedisError(error: unknown, doing: string, sent: boolean): unknown {
  if (error instanceof StoreError || error instanceof TypeError || error instanceof RangeError) return error;
  const { message, constructor } = error as Error;
  const cause = { cause: error };
  const word = replyWord(error);
  if (word === 'WRONGTYPE') {
    return new StoreError('corrupt', `Redis could not ${doing}: another program uses the same prefix.`, cause);
  }
  if (sent && word === undefined && !NOT_SENT.has(constructor.name)) {
    return new StoreError(
      'unknown_outcome',
      `Redis did not confirm whether it could ${doing} (${message}): read again, or repeat with the same event id.`,
      cause,
    );
  }
  const advice = (word && ADVICE[word]) ?? 'nothing was written. Check the server and the connection.';
  return new StoreError('unavailable', `Redis could not ${doing} (${message}): ${advice}`, cause);
}

const ADVICE: Readonly<Record<string, string>> = {
  BUSY: 'another script blocks the server.',
  CROSSSLOT: 'it is a cluster. Connect to a single primary.',
  LOADING: 'it is still reading its data. Repeat it.',
  MISCONF: 'it cannot save to its disk and takes no writes. Look into its log.',
  MOVED: 'it is a cluster. Connect to a single primary.',
  NOAUTH: 'it wants a password. Put it into the URL.',
  NOPERM: 'the user lacks a permission.',
  OOM: 'it has reached maxmemory. Give it more, or delete something.',
  READONLY: 'it is a replica. Connect to the primary.',
  WRONGPASS: 'it refused user or password.',
};
