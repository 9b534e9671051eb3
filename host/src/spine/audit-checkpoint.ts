import type { StreamRef } from '../stores/event-spine.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';
import type { ChainHead } from './audit-record.ts';

/** How far a tenant's chain is known to have reached, kept apart from it: a cut tail shows by the difference. */
export interface Checkpoint extends ChainHead {
  /** Cursor of the record. */
  readonly cursor: string;
  /** Which engine keeps the chain: one that was routed elsewhere begins anew there. */
  readonly engine: string;
}

/** Says which engine keeps a stream. */
export type EngineOf = (at: StreamRef) => string;

/** The data folder's engine, which is the only one where nothing is routed. */
export const EMBEDDED = 'embedded';

/** Milliseconds that a checkpoint may lag behind the chain; after a crash a cut of that much is not found. */
const LAG_MS = 100;
/** Apart from the chain: with the host's own records, whatever engine the chain of the mode lives in. */
function partition({ tenantId }: StreamRef): Partition {
  return { tenantId, kind: 'audit_checkpoint' };
}

export async function readCheckpoint(tabular: TabularStore, at: StreamRef): Promise<Checkpoint | undefined> {
  const stored = (await tabular.get<Partial<Checkpoint>>(partition(at), at.stream))?.value ?? {};
  const { order, hash, cursor, engine = EMBEDDED } = stored;
  if (typeof order !== 'number' || typeof hash !== 'string' || typeof cursor !== 'string') return undefined;
  return { order, hash, cursor, engine };
}

/**
 * Writes checkpoints behind the chain, never before the records they speak of are durable: one that is behind says
 * less than it could, one that is ahead would accuse an intact chain.
 */
export class CheckpointWriter {
  readonly #tabular: TabularStore;
  readonly #due = new Map<string, { at: StreamRef; checkpoint: Checkpoint }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(tabular: TabularStore) {
    this.#tabular = tabular;
  }

  reached(at: StreamRef, checkpoint: Checkpoint): void {
    this.#due.set(`${at.tenantId} ${at.stream}`, { at, checkpoint });
    // Failing here loses nothing: the next batch, or the next start, brings a checkpoint that is further.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), LAG_MS).unref();
  }

  /** Writes what is due, now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const due = [...this.#due.values()];
    this.#due.clear();
    await Promise.all(
      due.map(({ at, checkpoint: { order, hash, cursor, engine } }) =>
        this.#tabular.put(partition(at), at.stream, { order, hash, cursor, engine }),
      ),
    );
  }
}
