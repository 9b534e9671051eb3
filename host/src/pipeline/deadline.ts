import { NorthstarError } from '../errors/northstar-error.ts';

export interface Deadline {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Rejects when time is up or the caller gives up; never resolves. */
  readonly passed: Promise<never>;
  /** Ends the work now, with this error for the caller. */
  end(error: NorthstarError): void;
  /** Must be called once the work has settled; afterwards nothing fires any more. */
  clear(): void;
}

/** Gives work a time limit and the caller's own abort signal in one. The handler is told first, then given up on. */
export function startDeadline(action: string, timeoutMs: number, caller?: AbortSignal): Deadline {
  const controller = new AbortController();
  let giveUp!: (error: NorthstarError) => void;
  const passed = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  // Nobody listens any more when the work settled first; without this the process would end on the rejection.
  passed.catch(() => undefined);
  const end = (error: NorthstarError): void => {
    controller.abort(error);
    giveUp(error);
  };
  const timer = setTimeout(() => end(timedOut(action, timeoutMs)), timeoutMs);
  const onCallerAbort = (): void => end(cancelled(action));
  if (caller?.aborted) onCallerAbort();
  else caller?.addEventListener('abort', onCallerAbort, { once: true });
  return {
    signal: controller.signal,
    at: Date.now() + timeoutMs,
    passed,
    end,
    clear() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', onCallerAbort);
    },
  };
}

export function cancelled(action: string): NorthstarError {
  return new NorthstarError('request.cancelled', `The caller of ${action} gave up.`);
}

function timedOut(action: string, timeoutMs: number): NorthstarError {
  return new NorthstarError(
    'muscle.failed',
    `muscle.failed: ${action} did not answer within ${timeoutMs} ms and was stopped. Try again with less work, or ask its author for a job scope.`,
    { details: { timeout_ms: timeoutMs, action_name: action } },
  );
}
