import { StoreError } from '../../store-error.ts';
import { FailedRequests } from './failed-requests.ts';

export interface Step {
  /** `read record a`: what failed, for the message. */
  readonly doing: string;
  /** What an answer that never came means: nothing for a read, an unknown outcome for a write. */
  readonly writes?: boolean;
  /** Milliseconds; default that of the engine. */
  readonly timeoutMs?: number;
}

/** Nothing was written: refused, throttled longer than the client waited, or never sent. */
const NOTHING_DONE: ReadonlySet<unknown> = new Set([
  ...[400, 401, 403, 404, 409, 412, 429, 449],
  ...['ECONNREFUSED', 'ENOTFOUND', 'REFUSED'],
]);

/** The calls to Cosmos DB, each within its time, their errors in the words of the port. */
export class CosmosCalls {
  readonly timeoutMs: number;
  /** The client must be told to report to it. */
  readonly failed = new FailedRequests();
  #closed = false;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** `work` gets a signal to pass on. What a status means to the step it catches itself, by `statusOf`. */
  async run<T>(step: Step, work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closed) throw failed(step, 'the store is closed.', false);
    const { timeoutMs = this.timeoutMs } = step;
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(failed(step, `no answer within ${Math.ceil(timeoutMs)} ms.`, step.writes === true));
        abort.abort();
      }, timeoutMs);
    });
    try {
      return await Promise.race([work(abort.signal), late]);
    } catch (error) {
      throw toStoreError(statusOf(error) === undefined ? (this.failed.of(abort.signal) ?? error) : error, step);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#closed = true;
  }
}

/** HTTP status, or the name of a network error. */
export function statusOf(error: unknown): number | string | undefined {
  const { code, cause } = error as { code?: number | string; cause?: { code?: string } };
  return code ?? cause?.code;
}

/** The record is missing, is there already, or is at another version. */
export function isRefusedCondition(error: unknown): boolean {
  return [404, 409, 412].includes(statusOf(error) as number);
}

function toStoreError(error: unknown, step: Step): unknown {
  if (error instanceof StoreError || error instanceof RangeError || error instanceof TypeError) return error;
  const status = statusOf(error);
  // What the client says nothing more about was perhaps sent before.
  if (status === undefined) return step.writes ? failed(step, `${(error as Error).message}.`, true, error) : error;
  if (status === 413) {
    return new StoreError('too_large', `Cosmos DB could not ${step.doing}: it is too large.`, { cause: error });
  }
  if (status === 401 || status === 403) {
    return failed(step, 'access is denied; check the key of the account.', false, error);
  }
  const unsent = NOTHING_DONE.has(status) || NOTHING_DONE.has((error as { errno?: unknown }).errno);
  const why = status === 429 ? 'too many requests; raise the throughput of the container.' : `status ${status}.`;
  return failed(step, why, step.writes === true && !unsent, error);
}

function failed(step: Step, why: string, unknown: boolean, cause?: unknown): StoreError {
  const advice = unknown ? ' It may have been written: read again, or repeat with the same event id.' : '';
  const code = unknown ? 'unknown_outcome' : 'unavailable';
  return new StoreError(code, `Cosmos DB could not ${step.doing}: ${why}${advice}`, { cause });
}
