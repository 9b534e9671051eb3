import { StoreError } from '../../store-error.ts';

interface ServiceError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const ADVICE: Readonly<Record<number, string>> = {
  301: 'the bucket is in another region. Correct the region.',
  403: 'access is denied. Check the credentials and that they may list, read and write in the bucket.',
  404: 'the bucket does not exist. Create it, or correct its name.',
};

export function statusOf(error: unknown): number | undefined {
  return (error as ServiceError).$metadata?.httpStatusCode;
}

/** Whether the same request may succeed a moment later: no answer, a server error, throttling, or a lost race. */
export function mayPass(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined ? isNetworkError(error) : status >= 500 || [409, 412, 429].includes(status);
}

/**
 * What the client threw, in the words of the port. Never `unknown_outcome`: bytes that may or may not have arrived
 * have no name yet, and arrive under the same address when they are sent again.
 */
export function toStoreError(error: unknown, doing: string): unknown {
  if (error instanceof StoreError) return error;
  const status = statusOf(error);
  const options = { cause: error };
  const { name, code } = error as ServiceError;
  if (name === 'EntityTooLarge') {
    return new StoreError('too_large', `S3 could not ${doing}: the object is too large.`, options);
  }
  if (status === undefined && !isNetworkError(error)) return error;
  const advice = (status && ADVICE[status]) ?? `${code ?? name}. Check the endpoint and repeat.`;
  return new StoreError('unavailable', `S3 could not ${doing}: ${advice}`, options);
}

function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, name } = error as ServiceError;
  return (
    /^E(?!RR_(?!STREAM_PREMATURE_CLOSE))/.test(code ?? '') ||
    /^(TimeoutError|AbortError|CredentialsProviderError)$/.test(name)
  );
}
