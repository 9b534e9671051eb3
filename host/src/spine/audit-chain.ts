import type { JsonObject } from '@northstar/sdk';
import type { AppendEntry, EventSpine, NewEvent, StreamRef } from '../stores/event-spine.ts';
import { StoreError } from '../stores/store-error.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import { readCheckpoint, type CheckpointWriter, type EngineOf } from './audit-checkpoint.ts';
import { CUT_RECORD, GENESIS, headOf, MOVED_RECORD, sealRecord } from './audit-record.ts';
import type { ChainHead, SealedRecord } from './audit-record.ts';

/** What goes into the chain, and an event that is written with it. */
export interface ChainEntry {
  readonly type: string;
  readonly data: JsonObject;
  readonly beside?: { readonly at: StreamRef; readonly event: NewEvent & { readonly eventId: string } };
}

export interface ChainParts {
  readonly spine: EventSpine;
  readonly tabular: TabularStore;
  readonly checkpoints: CheckpointWriter;
  readonly engineOf: EngineOf;
  readonly now: () => number;
}

interface Waiting {
  readonly entry: ChainEntry;
  resolve(): void;
  reject(error: unknown): void;
}

interface Head extends ChainHead {
  readonly cursor: string | null;
  readonly at: string;
}

/** Records of one append. An entry is two events, and engines limit how many one transaction takes. */
const MAX_BATCH = 32;
/** Where each event is an append of its own: a host that is long about its batch keeps other hosts from the chain. */
const MAX_BATCH_IN_TURN = 8;
/** Tries without any progress of one's own. Each conflict is the progress of somebody else. */
const ATTEMPTS = 60;

/**
 * The chain of one tenant. One append is under way at a time and what comes meanwhile shares the next one, so that
 * many callers cost few commits and every hash is computed from a head that is known. The first record of an append
 * expects that head, which also holds the stream: a second host makes it fail with `conflict`, never fork the chain.
 */
export class AuditChain {
  readonly #parts: ChainParts;
  readonly #at: StreamRef;
  readonly #queue: Waiting[] = [];
  #head: Head | undefined;
  #comparedWithCheckpoint = false;
  /** Where the head was read; a chain that is routed elsewhere has another one. */
  #engine: string | undefined;
  #running = false;

  constructor(parts: ChainParts, at: StreamRef) {
    this.#parts = parts;
    this.#at = at;
  }

  get idle(): boolean {
    return !this.#running;
  }

  /** Resolves when the record and the event beside it are durable. */
  append(entry: ChainEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ entry, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      // After the current step: what is recorded in the same step shares the append.
      queueMicrotask(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    const most = this.#parts.spine.caps.atomicAppend ? MAX_BATCH : MAX_BATCH_IN_TURN;
    while (this.#queue.length > 0) await this.#write(this.#queue.splice(0, most));
    this.#running = false;
  }

  /**
   * Settles every caller of the batch. A batch that fails leaves no gap: numbers and hashes are given anew from the
   * head that the engine then has, and what it did keep of the batch is part of that.
   */
  async #write(batch: readonly Waiting[], earlier?: Attempt): Promise<void> {
    let tried = earlier;
    let landed = 0;
    for (let attempt = 1; ; attempt += 1) {
      try {
        tried = await this.#attempt(batch, tried);
        for (const { resolve } of batch) resolve();
        return;
      } catch (error) {
        const failed = error instanceof AttemptFailed ? error : undefined;
        const cause = failed ? failed.cause : error;
        tried = failed?.attempt ?? tried;
        this.#head = undefined;
        if ((tried?.landedBefore ?? 0) > landed) {
          landed = tried?.landedBefore ?? 0;
          attempt = 0;
        }
        if (batch.length > 1 && isAboutOneRecord(cause)) return this.#writeOneByOne(batch, tried);
        if (attempt === ATTEMPTS || !isWorthRepeating(cause)) {
          for (const { reject } of batch) reject(cause);
          return;
        }
        await new Promise((wake) => setTimeout(wake, Math.random() * Math.min(50, 2 ** attempt)));
      }
    }
  }

  /** One record that cannot be stored must not take the calls beside it along. */
  async #writeOneByOne(batch: readonly Waiting[], tried: Attempt | undefined): Promise<void> {
    try {
      const landed = tried ? await this.#landed(tried) : 0;
      for (const [i, one] of batch.entries()) {
        await this.#write([one], i < landed && tried ? { from: tried.from, records: [], landedBefore: 1 } : undefined);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async #attempt(batch: readonly Waiting[], earlier: Attempt | undefined): Promise<Attempt> {
    const before = this.#stayed() ? earlier : undefined;
    // First what an earlier attempt left, then the head: the other way round, it could land in between.
    const landed = before ? await this.#landed(before) : 0;
    const { head, mark } = await this.#load();
    const at = new Date(Math.max(this.#parts.now(), Date.parse(head.at))).toISOString();
    const sealed: SealedRecord[] = [];
    const entries: AppendEntry[] = [];
    const add = ({ type, data }: Pick<ChainEntry, 'type' | 'data'>): void => {
      const record = sealRecord(this.#at.tenantId, { type, at, data }, sealed.at(-1)?.head ?? head);
      const event = { type, data: record.data, eventId: record.eventId };
      entries.push({ at: this.#at, event, time: at, ...(sealed.length === 0 && { expect: head.cursor }) });
      sealed.push(record);
    };
    if (mark) add(mark);
    for (const [i, { entry }] of batch.entries()) {
      // The audit record first: where the engine stops midway, the chain knows more than the other stream, not less.
      if (i >= landed) add(entry);
      // Of what has landed only the last can lack its event: all before it were written in order.
      if (entry.beside && i >= landed - 1) entries.push(entry.beside);
    }
    const attempt = { from: head, records: sealed.slice(mark ? 1 : 0), landedBefore: landed };
    let appended;
    try {
      appended = await this.#parts.spine.appendAll(entries);
    } catch (cause) {
      throw new AttemptFailed(attempt, cause);
    }
    const last = entries.findLastIndex((entry) => entry.at === this.#at);
    const newest = sealed.at(-1)?.head;
    if (newest) this.#reach({ ...newest, cursor: appended[last]!.cursor, at });
    return attempt;
  }

  /** False when the stream was routed to another engine since the last attempt: what is known of it counts no more. */
  #stayed(): boolean {
    const engine = this.#parts.engineOf(this.#at);
    if (this.#engine === engine) return true;
    this.#engine = engine;
    this.#head = undefined;
    this.#comparedWithCheckpoint = false;
    return false;
  }

  /** How many records of the batch the earlier attempts have written, from its start. */
  async #landed({ from, records, landedBefore }: Attempt): Promise<number> {
    if (records.length === 0) return landedBefore;
    const after = from.cursor ?? undefined;
    // One more than the records: a mark of a cut may stand before them.
    const { events } = await this.#parts.spine.read(this.#at, { after, limit: records.length + 1 });
    const ids = new Set(events.map(({ eventId }) => eventId));
    return landedBefore + records.filter(({ eventId }) => ids.has(eventId)).length;
  }

  /** The head, and what must be written down before anything follows it: a cut, or a move from another engine. */
  async #load(): Promise<{ head: Head; mark?: Pick<ChainEntry, 'type' | 'data'> }> {
    if (this.#head) return { head: this.#head };
    const { spine, tabular } = this.#parts;
    // The checkpoint first: another host may be writing, and then only the chain may be the further one.
    const known = this.#comparedWithCheckpoint ? undefined : await readCheckpoint(tabular, this.#at);
    const event = await spine.head(this.#at);
    const place = event ? headOf(event.data) : GENESIS;
    if (!place) {
      throw new StoreError('corrupt', `The newest audit record of ${this.#at.tenantId} is not one: restore a backup.`);
    }
    const head = { ...place, cursor: event?.cursor ?? null, at: event?.at ?? new Date(0).toISOString() };
    if (known && known.engine !== this.#engine)
      return { head, mark: { type: MOVED_RECORD, data: { from_order: known.order, from_hash: known.hash } } };
    const isCut = known && (known.order > head.order || (known.order === head.order && known.hash !== head.hash));
    // Written down where it cannot be taken back: the next checkpoint covers the only trace that the cut has left.
    if (isCut) return { head, mark: { type: CUT_RECORD, data: { known_order: known.order, known_hash: known.hash } } };
    return { head };
  }

  #reach(head: Head & { cursor: string }): void {
    this.#head = head;
    this.#comparedWithCheckpoint = true;
    const { order, hash, cursor } = head;
    this.#parts.checkpoints.reached(this.#at, { order, hash, cursor, engine: this.#engine ?? '' });
  }
}

interface Attempt {
  readonly from: Head;
  readonly records: readonly SealedRecord[];
  /** Entries of the batch that were there before this attempt. */
  readonly landedBefore: number;
}

class AttemptFailed extends Error {
  readonly attempt: Attempt;

  constructor(attempt: Attempt, cause: unknown) {
    super('append failed', { cause });
    this.attempt = attempt;
  }
}

/** Somebody else was faster, or nobody knows: both are settled by reading again. */
function isWorthRepeating(error: unknown): boolean {
  return error instanceof StoreError && (error.code === 'conflict' || error.code === 'unknown_outcome');
}

function isAboutOneRecord(error: unknown): boolean {
  return !(error instanceof StoreError) || error.code === 'too_large' || error.code === 'invalid_key';
}
