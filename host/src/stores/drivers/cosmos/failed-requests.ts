import type { PluginConfig } from '@azure/cosmos';

/**
 * Remembers how the newest request of a call failed, by the signal that was passed with it: of a failed batch the
 * client throws the text alone, without the status that says whether anything was written.
 */
export class FailedRequests {
  readonly #failures = new WeakMap<AbortSignal, unknown>();

  /** For the client's option `plugins`. */
  readonly plugin: PluginConfig = {
    on: 'request',
    plugin: async (context, _diagnostics, next) => {
      const signal = context.options?.abortSignal;
      try {
        const response: unknown = await next(context);
        if (signal) this.#failures.delete(signal as AbortSignal);
        return response as Awaited<ReturnType<typeof next>>;
      } catch (error) {
        const failure = toFailure(error);
        if (signal) this.#failures.set(signal as AbortSignal, failure);
        throw failure;
      }
    },
  };

  /** Undefined when the newest request was answered, and when there was none. */
  of(signal: AbortSignal): unknown {
    return this.#failures.get(signal);
  }
}

/** An answer that is no JSON comes from something between here and the service, and breaks the client in its own way. */
function toFailure(error: unknown): unknown {
  if (!(error instanceof TypeError || error instanceof SyntaxError)) return error;
  return Object.assign(new Error('The answer makes no sense.', { cause: error }), { code: 'BAD_ANSWER' });
}
