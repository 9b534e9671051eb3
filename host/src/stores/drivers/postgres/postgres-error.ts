import { StoreError } from '../../store-error.ts';

/** The server ended the session, or never said how the statement ended. Everything else it says, it has undone. */
const CONNECTION_GONE = /^(?:08...|57P01|57P02|57P05|40003)$/;
const SQL_STATE = /^[0-9A-Z]{5}$/;

export const UNIQUE_VIOLATION = '23505';

/** The five characters that Postgres gives every error, also of one that was put into the words of the port. */
export function sqlState(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (error instanceof StoreError) return cause === undefined ? undefined : sqlState(cause);
  return typeof code === 'string' && SQL_STATE.test(code) ? code : undefined;
}

/** Whether the session is lost: it must not be used again, and a statement in flight has an unknown outcome. */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined || CONNECTION_GONE.test(state);
}

/**
 * What `pg` threw, in the words of the port.
 *
 * @param inFlight a write had been sent and its answer was not seen: a lost connection is then `unknown_outcome`.
 */
export function toStoreError(error: unknown, doing: string, inFlight: boolean): unknown {
  // A TypeError is a bug of ours, not of the connection.
  if (error instanceof StoreError || error instanceof TypeError || error instanceof RangeError) return error;
  const cause = { cause: error };
  const { message } = error as Error;
  if (inFlight && isConnectionLost(error)) {
    return new StoreError(
      'unknown_outcome',
      `Postgres did not confirm whether it could ${doing} (${message}): read again, or repeat with the same event id.`,
      cause,
    );
  }
  const state = sqlState(error);
  const known = state === undefined ? undefined : (BY_STATE[state] ?? BY_STATE[state.slice(0, 2)]);
  const [code, advice] = known ?? ['unavailable', 'nothing was written. Check the server and the connection.'];
  return new StoreError(code, `Postgres could not ${doing} (${message}): ${advice}`, cause);
}

type Meaning = readonly [code: 'unavailable' | 'too_large' | 'corrupt', advice: string];

/** By SQLSTATE, or by its class of two characters. */
const BY_STATE: Readonly<Record<string, Meaning>> = {
  '25006': ['unavailable', 'the server is read-only. Connect to the primary.'],
  '28': ['unavailable', 'the server refused the user. Check user and password in the URL.'],
  '3D000': ['unavailable', 'the database does not exist. Create it first.'],
  '3F000': ['unavailable', 'the schema is gone. Restart the host to create it again.'],
  '40': ['unavailable', 'another transaction was in the way and nothing was written. Repeat it.'],
  '42501': ['unavailable', 'the user lacks a privilege. It must own the schema or be allowed to create it.'],
  '42P01': ['unavailable', 'a table is gone. Restart the host to create it again.'],
  '53': ['unavailable', 'the server is out of connections, memory or disk, and nothing was written.'],
  '54': ['too_large', 'it is larger or nested deeper than the server takes.'],
  '55P03': ['unavailable', 'something else holds the lock, and nothing was written. Repeat it.'],
  '57014': ['unavailable', 'it took too long, the server cancelled it and nothing was written. Repeat it.'],
  '58': ['unavailable', 'the server reported an input/output error. Look into its log.'],
  XX001: ['corrupt', 'the server found damaged data. Restore a backup.'],
  XX002: ['corrupt', 'the server found a damaged index. Rebuild it, or restore a backup.'],
};
