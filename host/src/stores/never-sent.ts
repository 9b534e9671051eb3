import { StoreError } from './store-error.ts';

/**
 * What a call is answered with that has waited for its turn for as long as a call may take.
 *
 * @param doing `append to stream a`: what the caller wanted.
 */
export function neverSent(doing: string, cause?: unknown): StoreError {
  const why = 'the calls before it took the time that it may wait';
  const advice = 'It was never sent and nothing was written: repeat it when the engine answers again.';
  return new StoreError('unavailable', `The host could not ${doing}: ${why}. ${advice}`, { cause });
}
