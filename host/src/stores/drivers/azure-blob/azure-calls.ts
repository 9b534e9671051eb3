import { StoreError } from '../../store-error.ts';

/** HTTP status, or undefined for what is no answer of the service. */
export function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

/**
 * Runs one step on the service and gives it up after `timeoutMs`. Its errors become `unavailable`: what it had written
 * has no name yet, so that for the caller nothing was written.
 */
export async function onAzure<T>(
  doing: string,
  timeoutMs: number,
  step: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(failed(doing, `no answer within ${timeoutMs} ms.`));
      abort.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([step(abort.signal), late]);
  } catch (error) {
    throw toStoreError(error, doing);
  } finally {
    clearTimeout(timer);
  }
}

/** What the client library threw, in the words of the port. An error that is a bug of ours stays what it is. */
export function toStoreError(error: unknown, doing: string): unknown {
  const { name, code } = error as { name?: string; code?: string };
  const status = statusOf(error);
  if (error instanceof StoreError) return error;
  if (status === 413) {
    return new StoreError('too_large', `Azure Blob Storage could not ${doing}: it is too large.`, { cause: error });
  }
  if (status === 401 || status === 403) {
    return failed(doing, 'access is denied; check the credentials of the host and their roles.', error);
  }
  const theirs = status !== undefined || code !== undefined || name === 'RestError' || name === 'AbortError';
  return theirs ? failed(doing, `${status ?? code ?? name}.`, error) : error;
}

function failed(doing: string, why: string, cause?: unknown): StoreError {
  return new StoreError('unavailable', `Azure Blob Storage could not ${doing}: ${why}`, { cause });
}
