import type { Parsed } from '@northstar/sdk/bind';
import { NorthstarError } from '../../errors/northstar-error.ts';
import type { ActivationLimits } from '../activate.ts';
import type { Ending } from './isolate-carrier.ts';
import type { IsolateHealth } from './isolate-health.ts';
import { Hung, IsolateEnded, type IsolateLife, type RunJob } from './isolate-life.ts';
import type { LoadedReply, LoadParams, PartRef } from './messages.ts';
import { RestartPolicy } from './restart-policy.ts';

/** A muscle as an isolate loads it, at first and after each restart. */
export type MuscleSource = Omit<LoadParams, 'instance'> & ActivationLimits;

export interface Supervision {
  readonly mode: 'worker' | 'process';
  /** A fresh thread or process, possibly a spare one that is already warm. */
  readonly newLife: () => IsolateLife;
  /** Told when one ended by itself or was ended for what its code did. */
  readonly onFailure: (failure: { muscles: readonly string[]; ending: Ending; waitMs: number; open: boolean }) => void;
}

interface Loaded {
  readonly source: MuscleSource;
  /** What it published when it was sealed. Files may have changed since; a restart must not serve another version. */
  readonly promise: string;
}

/** Given-up calls whose code may still run, after which an isolate is replaced as soon as it is idle. */
const MOST_ABANDONED = 10;

/** Keeps a thread or process for one muscle, or one group of them, alive: restarts it, with all that it had loaded. */
export class SupervisedIsolate {
  /** Muscles that were given a place here, loaded or not yet. */
  promised = 0;
  readonly #supervision: Supervision;
  readonly #policy = new RestartPolicy();
  readonly #loaded = new Map<number, Loaded>();
  /** Muscles that did not come back after a restart, and why. */
  readonly #broken = new Map<number, string>();
  /** The one that serves, once it is ready; while it restarts, the one to come. */
  #life: Promise<IsolateLife>;
  #current: IsolateLife | undefined;
  #state: IsolateHealth['state'] = 'up';
  #restarts = 0;
  #lastFailure: string | undefined;
  #next = 0;
  #wait: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(supervision: Supervision) {
    this.#supervision = supervision;
    this.#life = this.#begin();
    // Whoever needs it hears of it; nobody may need it yet.
    this.#life.catch(() => undefined);
  }

  get closed(): boolean {
    return this.#closed;
  }

  health(instance: number): IsolateHealth {
    const broken = this.#broken.get(instance);
    const lastFailure = broken ?? this.#lastFailure;
    return {
      mode: this.#supervision.mode,
      state: broken === undefined ? this.#state : 'stopped',
      restarts: this.#restarts,
      ...(lastFailure !== undefined && { lastFailure }),
    };
  }

  /** Imports and binds a muscle inside; gives what it published and the number to call it by. */
  async add(source: MuscleSource): Promise<{ instance: number; loaded: LoadedReply }> {
    const life = await this.#life;
    const instance = this.#next++;
    const loaded = await life.load({ ...source, instance });
    this.#loaded.set(instance, { source, promise: JSON.stringify(loaded.scopes) });
    return { instance, loaded };
  }

  async setup(instance: number) {
    return (await this.#life).setup(instance, this.#loaded.get(instance)?.source.setupMs ?? 0);
  }

  /** Disposes one muscle; the last one takes the isolate with it. Its place must have been given back before. */
  async remove(instance: number): Promise<void> {
    if (!this.#loaded.delete(instance)) return;
    const last = this.promised === 0;
    if (last) this.#closed = true;
    try {
      // One that is down has nothing left to dispose of.
      if (this.#state === 'up') await (await this.#life).unload(instance);
    } finally {
      if (last) await this.close();
    }
  }

  async parse(part: PartRef, value: unknown, timeoutMs: number): Promise<Parsed & { held: Held }> {
    const parse = async () => {
      const life = await this.#ready(part);
      const { parsed, held } = await life.parse(part, value, timeoutMs);
      return { ...parsed, held: { life, number: held } };
    };
    // A check has no effects: one that another call's crash took along is simply repeated.
    const repeated = parse().catch((error: unknown) => {
      if (error instanceof IsolateEnded && !(error instanceof Hung)) return parse();
      throw error;
    });
    return explained(part.name, repeated);
  }

  async run({ held, ...job }: Omit<RunJob, 'held'> & { held?: Held }): Promise<unknown> {
    const life = held?.life ?? (await this.#ready(job.part));
    try {
      return await explained(job.part.name, life.run({ ...job, ...(held && { held: held.number }) }));
    } finally {
      // Code that ignores its deadline adds up; a new isolate is cheap when nobody is using this one.
      if (life.abandoned > MOST_ABANDONED && life.running === 0) void life.terminate('it was worn out');
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#wait);
    await this.#current?.terminate('it was disposed of');
  }

  async #ready({ instance, name }: PartRef): Promise<IsolateLife> {
    const down = () => notRunning(name, this.#broken.get(instance) ?? this.#lastFailure);
    if (this.#state === 'stopped' || this.#closed) throw down();
    const life = await this.#life.catch(() => {
      throw down();
    });
    if (this.#broken.has(instance)) throw down();
    return life;
  }

  async #begin(): Promise<IsolateLife> {
    const life = this.#supervision.newLife();
    this.#current = life;
    void life.ended.then((ending) => this.#onEnd(ending));
    return life.started();
  }

  #onEnd(ending: Ending): void {
    if (this.#closed) return;
    this.#lastFailure = ending.reason;
    const { waitMs, open } = this.#policy.failed();
    this.#state = open ? 'stopped' : 'restarting';
    const muscles = [...this.#loaded.values()].map(({ source }) => source.id);
    this.#supervision.onFailure({ muscles, ending, waitMs, open });
    this.#life = new Promise<void>((resolve) => {
      this.#wait = setTimeout(resolve, waitMs);
      if (open) this.#wait.unref();
    }).then(() => this.#restart());
    this.#life.catch(() => undefined);
  }

  /** Everything that was loaded, as it was; who asks meanwhile waits for it. */
  async #restart(): Promise<IsolateLife> {
    this.#restarts++;
    const life = await this.#begin();
    for (const [instance, loaded] of this.#loaded) {
      const why = await reload(life, instance, loaded);
      // Only this one is out of service; others of its group go on.
      if (why === undefined) this.#broken.delete(instance);
      else this.#broken.set(instance, why);
    }
    this.#state = 'up';
    return life;
  }
}

/** Loads a muscle again as it was. Gives what is wrong with it now; rejects only when the isolate ends over it. */
async function reload(life: IsolateLife, instance: number, { source, promise }: Loaded): Promise<string | undefined> {
  try {
    const { diagnostics, scopes } = await life.load({ ...source, instance });
    const wrong = diagnostics.find(({ severity }) => severity === 'error');
    if (wrong) return wrong.message;
    if (JSON.stringify(scopes) !== promise) return 'its files changed since it was loaded; reload it';
    const ready = await life.setup(instance, source.setupMs);
    return ready.ok ? undefined : ready.diagnostic.message;
  } catch (error) {
    if (error instanceof IsolateEnded) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

/** Arguments that one life of an isolate has checked and kept. */
export interface Held {
  readonly life: IsolateLife;
  readonly number: number;
}

async function explained<T>(action: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof IsolateEnded) throw notRunning(action, error.ending.reason);
    throw error;
  }
}

function notRunning(action: string, reason = 'it is being stopped'): NorthstarError {
  return new NorthstarError(
    'muscle.failed',
    `muscle.failed: ${action} has no answer, because the isolate that its muscle runs in ended (${reason}). It is being restarted; try again, and tell its operator if this stays.`,
    { details: { action_name: action } },
  );
}
