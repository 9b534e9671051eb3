import { StoreError } from '../../store-error.ts';

const WRONG_LAST_SEQUENCE = 10071;
/** The client knows that nobody took the message. */
const NOT_TAKEN = new Set([
  'ClosedConnectionError',
  'DrainingConnectionError',
  'JetStreamNotEnabled',
  'NoRespondersError',
  'PermissionViolationError',
]);

/** Whether a write was refused because its subject has another newest message than it expected. */
export function isWrongLastSequence(error: unknown): boolean {
  return apiCode(error) === WRONG_LAST_SEQUENCE;
}

/**
 * What the client threw, in the words of the port.
 *
 * @param sent a write was handed to the connection: without an answer its outcome is unknown.
 */
export function toNatsError(error: unknown, doing: string, sent: boolean): unknown {
  if (error instanceof StoreError || error instanceof TypeError || error instanceof RangeError) return error;
  const { message, constructor, cause } = error as Error;
  const names = [constructor.name, cause instanceof Error ? cause.constructor.name : ''];
  const answered = apiCode(error) !== undefined || names.some((name) => NOT_TAKEN.has(name));
  if (sent && !answered) {
    return new StoreError(
      'unknown_outcome',
      `NATS did not confirm whether it could ${doing} (${message}): read again, or repeat with the same event id.`,
      { cause: error },
    );
  }
  return new StoreError(
    'unavailable',
    `NATS could not ${doing} (${message}): nothing was written. Check the server, its JetStream and its limits.`,
    { cause: error },
  );
}

/** JetStream's own number of an error that the server answered with. */
function apiCode(error: unknown): number | undefined {
  const { name, code } = error as { name?: string; code?: unknown };
  return name === 'JetStreamApiError' && typeof code === 'number' ? code : undefined;
}
