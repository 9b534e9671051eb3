import type { Appended } from '../../event-spine.ts';
import { StoreError } from '../../store-error.ts';
import { refuseUnsent } from '../refuse-unsent.ts';
import type { AppendJob } from './append-job.ts';

/** One answer per job, in their order: a job may be refused while its neighbours are written. */
export type JobResult = readonly Appended[] | StoreError;

interface Waiting {
  readonly job: AppendJob;
  resolve(appended: readonly Appended[]): void;
  reject(error: unknown): void;
}

/** A batch ends at either: one statement must neither hold the stream for long nor grow without bound. */
const MAX_BATCH_ENTRIES = 500;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Group commit, in queues: one batch of a queue is under way, what arrives meanwhile shares the next one. Writers of
 * one stream wait for each other in the database anyway; together they pay one round trip and one commit. What does
 * not fit into the batch that a silent server leaves unanswered is refused as `refuseUnsent` says.
 */
export class StreamBatches {
  readonly #queues = new Map<string, { readonly waiting: Waiting[]; readonly drained: Promise<void> }>();
  readonly #write: (jobs: readonly AppendJob[]) => Promise<readonly JobResult[]>;
  #closed = false;

  constructor(write: (jobs: readonly AppendJob[]) => Promise<readonly JobResult[]>) {
    this.#write = write;
  }

  /** @param name of the queue: the stream, for a job that writes to one stream. */
  add(name: string, job: AppendJob): Promise<readonly Appended[]> {
    if (this.#closed) {
      return Promise.reject(new StoreError('unavailable', 'Postgres could not append events: the store is closed.'));
    }
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(name);
      if (queue) queue.waiting.push({ job, resolve, reject });
      else this.#start(name, [{ job, resolve, reject }]);
    });
  }

  /** Writes what is queued and refuses what comes later. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#queues.values()].map(({ drained }) => drained));
  }

  #start(name: string, waiting: Waiting[]): void {
    // After this turn of the event loop: what it appends besides goes into the first batch.
    const drained = new Promise<void>((turn) => setImmediate(turn)).then(() => this.#drain(name, waiting));
    this.#queues.set(name, { waiting, drained });
  }

  async #drain(name: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const batch = takeBatch(queue);
      const behind = queue.length;
      const sentAt = performance.now();
      try {
        const results = await this.#write(batch.map(({ job }) => job));
        for (const [i, { resolve, reject }] of batch.entries()) {
          const result = results[i]!;
          if (result instanceof StoreError) reject(result);
          else resolve(result);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
        refuseUnsent({ error, sentAt }, queue, behind);
      }
    }
    this.#queues.delete(name);
  }
}

function takeBatch(queue: Waiting[]): Waiting[] {
  let entries = 0;
  let bytes = 0;
  const end = queue.findIndex(({ job }, i) => {
    entries += job.entries.length;
    bytes += job.bytes;
    return i > 0 && (entries > MAX_BATCH_ENTRIES || bytes > MAX_BATCH_BYTES);
  });
  return queue.splice(0, end < 0 ? queue.length : end);
}
