import type { Json, JsonObject } from '@northstar/sdk';
import type { ErrorEnvelope } from '../../errors/error-envelope.ts';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { errorFields, type Logger } from '../../log/logger.ts';
import type { ChangeFeed } from '../../spine/change-feed.ts';
import type { Audience } from '../capability-factory.ts';
import { cancelled } from '../deadline.ts';
import type { Answer } from '../invocation.ts';
import type { HostPulse } from './host-pulse.ts';
import type { JobRecord, JobState, JobStore } from './job-store.ts';

/** A job that runs here. */
export interface RunningJob {
  readonly record: JobRecord;
  /** Ends the work, once there is any, with what its caller is told. */
  onEnd(end: (error: NorthstarError) => void): void;
  progress(update: { progress: number; total?: number; message?: string }): Promise<void>;
  succeeded(answer: Answer): Promise<void>;
  failed(envelope: ErrorEnvelope): Promise<void>;
}

interface Entry {
  readonly audience: Audience;
  readonly scope: string;
  end?: (error: NorthstarError) => void;
  /** What the job becomes when its work fails from now on. */
  fate: JobState;
}

/** Milliseconds between two writes of a job's progress; what comes in between is overtaken by the next. */
const PROGRESS_MS = 500;

export interface JobDeskParts {
  readonly store: JobStore;
  readonly pulse: HostPulse;
  /** Tells the other hosts, and is told by them, which jobs to stop. */
  readonly changes: ChangeFeed;
  readonly logger: Logger;
  /** How many jobs may run on this host at once. */
  readonly limit: number;
}

/** Jobs under way on this host, and the records of all. */
export class JobDesk {
  readonly #store: JobStore;
  readonly #pulse: HostPulse;
  readonly #changes: ChangeFeed;
  readonly #logger: Logger;
  readonly #limit: number;
  readonly #running = new Map<string, Entry>();
  /** Being created: they count, so that many at once do not pass the limit together. */
  #starting = 0;

  constructor({ store, pulse, changes, logger, limit }: JobDeskParts) {
    this.#store = store;
    this.#pulse = pulse;
    this.#changes = changes;
    this.#logger = logger;
    this.#limit = limit;
    changes.on('job_cancelled', ({ job_id }) => this.#stop(job_id));
    changes.onMissed(() => void this.#stopCancelled());
  }

  /** Marks what hosts left behind that ended without a word: all others when this one is alone, else the silent ones. */
  async markInterrupted({ alone }: { alone: boolean }): Promise<void> {
    for (const { id, host, audience } of await this.#store.running())
      try {
        if (host !== this.#pulse.host && (alone || (await this.#pulse.isSilent(host))))
          await this.#interrupt(audience, id, host);
      } catch (error) {
        this.#log('not marked', id, error);
      }
  }

  async #interrupt(audience: Audience, id: string, host: string): Promise<JobRecord | undefined> {
    const record = await this.#store.update(audience, id, { state: 'interrupted', error: INTERRUPTED });
    await this.#store.forget(id);
    await this.#pulse.forget(host);
    return record;
  }

  /** Writes the record of a new job. Throws `overload.jobs` when as many as may run are running. */
  async open(audience: Audience, scope: string): Promise<RunningJob> {
    if (this.#running.size + this.#starting >= this.#limit)
      throw new NorthstarError(
        'overload.jobs',
        `The host is running ${this.#limit} jobs, as many as it takes. Try again later.`,
      );
    this.#starting++;
    try {
      await this.#pulse.start();
      const record = await this.#store.create(audience, scope, this.#pulse.host);
      const entry: Entry = { audience, scope, fate: 'failed' };
      this.#running.set(record.job_id, entry);
      return this.#job(record, entry);
    } finally {
      this.#starting--;
    }
  }

  async status(audience: Audience, scope: string, id: string): Promise<JobRecord> {
    const record = await this.#store.get(audience, id);
    if (record?.scope === scope) return (await this.#lost(audience, record)) ?? record;
    throw new NorthstarError(
      'job.not_found',
      `job.not_found: ${scope} started no job ${JSON.stringify(id.slice(0, 80))} in this tenant, or it is too old. Use the job_id that ${scope} answered.`,
    );
  }

  /** Stops a job wherever it runs; one that has ended already stays as it ended. */
  async cancel(audience: Audience, scope: string, id: string): Promise<JobRecord> {
    const record = await this.status(audience, scope, id);
    if (record.state !== 'running') return record;
    // Told first: a record that says cancelled would keep a second attempt from telling.
    if (!this.#running.has(id)) await this.#changes.publish({ kind: 'job_cancelled', job_id: id });
    const ended = await this.#store.update(audience, id, { state: 'cancelled', error: CANCELLED });
    this.#stop(id);
    return ended ?? record;
  }

  #stop(id: string): void {
    const entry = this.#running.get(id);
    if (entry === undefined) return;
    entry.fate = 'cancelled';
    entry.end?.(cancelled(entry.scope));
  }

  async #stopCancelled(): Promise<void> {
    for (const [id, { audience }] of this.#running)
      try {
        if ((await this.#store.get(audience, id))?.state === 'cancelled') this.#stop(id);
      } catch (error) {
        this.#log('not looked at', id, error);
      }
  }

  /** The record of a job as interrupted, when it counts as running on a host that is no more. */
  async #lost(audience: Audience, { job_id: id, state }: JobRecord): Promise<JobRecord | undefined> {
    if (state !== 'running' || this.#running.has(id)) return undefined;
    const host = await this.#store.hostOf(id);
    if (host === undefined || !(await this.#pulse.isSilent(host))) return undefined;
    return this.#interrupt(audience, id, host);
  }

  /** Ends what runs; the records say that it was interrupted. */
  async close(): Promise<void> {
    const ending = [...this.#running].map(async ([id, entry]) => {
      await this.#store.update(entry.audience, id, { state: 'interrupted', error: INTERRUPTED });
      entry.end?.(new NorthstarError('muscle.failed', INTERRUPTED.message as string));
    });
    await Promise.allSettled(ending);
    this.#pulse.rest();
  }

  #job(record: JobRecord, entry: Entry): RunningJob {
    const { audience } = entry;
    const { job_id: id, scope } = record;
    let written = 0;
    const finish = async (change: Partial<JobRecord>): Promise<void> => {
      this.#running.delete(id);
      if (this.#running.size + this.#starting === 0) this.#pulse.rest();
      await this.#store.update(audience, id, change).catch(async (error: unknown) => {
        this.#log('result not stored', id, error);
        const told = { code: 'store.unavailable', message: `The result of ${scope} could not be stored.` };
        await this.#store.update(audience, id, { state: 'failed', error: told }).catch(() => undefined);
      });
    };
    return {
      record,
      onEnd: (end) => {
        entry.end = end;
      },
      progress: async (update) => {
        if (Date.now() - written < PROGRESS_MS) return;
        written = Date.now();
        const progress = JSON.parse(JSON.stringify(update)) as JsonObject;
        await this.#store.update(audience, id, { progress });
      },
      succeeded: (answer) => finish(outcomeOf(answer, scope)),
      failed: ({ error }) => finish({ state: entry.fate, error: error as unknown as JsonObject }),
    };
  }

  #log(what: string, id: string, error: unknown): void {
    this.#logger.log('error', `job ${what}`, { job_id: id, ...errorFields(error) });
  }
}

const INTERRUPTED: JsonObject = {
  code: 'muscle.failed',
  message:
    'The host stopped while the job ran. Whether its work took effect is not known; look before starting it again.',
};
const CANCELLED: JsonObject = { code: 'request.cancelled', message: 'The job was cancelled.' };

function outcomeOf(answer: Answer, scope: string): Partial<JobRecord> {
  if (answer.kind !== 'value')
    return {
      state: 'failed',
      error: { code: 'muscle.invalid_result', message: `${scope} is a job, and answered bytes or a question.` },
    };
  if (answer.isError)
    return { state: 'failed', error: { code: 'muscle.reported_error', message: answer.text || 'The job failed.' } };
  return { state: 'succeeded', result: (answer.structured ?? { text: answer.text, content: answer.content }) as Json };
}
