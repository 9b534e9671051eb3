import { MuscleError } from '@northstar/sdk';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { StoreError } from '../../stores/store-error.ts';
import { toEnvelopeSource } from '../../errors/to-envelope-source.ts';
import type { HostErrorData, ThrownData } from './messages.ts';

/** What the code in an isolate threw and did not foresee; its text is for the log and never for the caller. */
export class IsolatedError extends Error {
  constructor(text: string) {
    super('an error inside an isolate');
    this.name = 'IsolatedError';
    // The text holds the stack of the muscle; that of the host would say nothing.
    this.stack = text;
  }
}

/** Errors that the host sent into one call, so that one which comes back is the original and not a copy of a claim. */
export class SentErrors {
  /** A muscle that retries in a loop must not gather errors without end. */
  static readonly MOST = 200;
  readonly #sent = new Map<number, unknown>();
  #next = 0;

  describe(thrown: unknown): HostErrorData {
    const error = this.#next++;
    this.#sent.set(error, thrown);
    if (this.#sent.size > SentErrors.MOST) this.#sent.delete(error - SentErrors.MOST);
    return { error, ...shown(thrown) };
  }

  /** The error to reject with for what a muscle threw. */
  revive(data: ThrownData): unknown {
    switch (data.from) {
      case 'muscle': {
        const { from: _from, ...options } = data;
        return new MuscleError(options);
      }
      case 'host':
        return this.#sent.has(data.error) ? this.#sent.get(data.error) : new IsolatedError('an error of another call');
      case 'answer':
        return new NorthstarError(data.code, data.message, {
          details: data.details,
          ...(data.why !== undefined && { cause: new Error(data.why) }),
        });
      case 'other':
        return new IsolatedError(data.text);
    }
  }
}

/** What a muscle may read of a host error: not the texts that may hold addresses or paths. */
function shown(thrown: unknown): Omit<HostErrorData, 'error'> {
  if (MuscleError.is(thrown)) return { name: 'MuscleError', message: thrown.message, code: thrown.code };
  // Mistakes of the calling code, as the stores document them.
  if (thrown instanceof TypeError || thrown instanceof RangeError)
    return { name: thrown.name, message: thrown.message };
  const { message, code, status, retryable } = toEnvelopeSource(thrown, 'this call');
  const name = thrown instanceof Error ? thrown.name : 'Error';
  return { name, message, code: thrown instanceof StoreError ? thrown.code : code, status, retryable };
}
