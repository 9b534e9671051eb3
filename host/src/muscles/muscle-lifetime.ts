import { NorthstarError } from '../errors/northstar-error.ts';
import type { ScopeLifetime, Stay } from '../policy/scope-lifetime.ts';

/**
 * Counts the calls that run on one version of a muscle, so that its resources go only after its last call. Calls keep
 * the version they started on; whoever comes after the swap gets the next one.
 */
export class MuscleLifetime implements ScopeLifetime {
  readonly #muscleId: string;
  /** What to tell each running call if it must end; undefined until the call has something to stop. */
  readonly #running = new Map<object, ((error: NorthstarError) => void) | undefined>();
  #ended: NorthstarError | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(muscleId: string) {
    this.#muscleId = muscleId;
  }

  get inFlight(): number {
    return this.#running.size;
  }

  enter(): Stay {
    if (this.#ended !== undefined) throw this.#ended;
    const call = {};
    this.#running.set(call, undefined);
    return {
      onEnd: (tell) => {
        if (this.#ended !== undefined) tell(this.#ended);
        else if (this.#running.has(call)) this.#running.set(call, tell);
      },
      leave: () => {
        if (this.#running.delete(call) && this.#running.size === 0) this.#whenIdle?.();
      },
    };
  }

  /**
   * Resolves once no call runs on this version any more; after `ms` milliseconds the ones still running are told to
   * end. Nothing enters afterwards. Gives how many had to be told.
   */
  async drain(ms: number): Promise<number> {
    if (this.#running.size > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
        timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
    }
    return this.end();
  }

  /** Ends the version now: running calls are told, and none enters any more. Gives how many were told. */
  end(): number {
    this.#ended ??= new NorthstarError(
      'muscle.failed',
      `muscle.failed: ${this.#muscleId} was replaced or switched off. List the tools again, and repeat the call if the tool is still there.`,
      { details: { tool_id: this.#muscleId } },
    );
    const left = [...this.#running.values()];
    this.#running.clear();
    for (const tell of left) tell?.(this.#ended);
    this.#whenIdle?.();
    return left.length;
  }
}
