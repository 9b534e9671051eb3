import { randomUUID } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import { StoreError } from '../../stores/store-error.ts';
import type { Partition, TabularRecord, TabularStore } from '../../stores/tabular-store.ts';
import { aheadOf, giveBack, renew, type Lease, type Want } from './lease.ts';
import { applyChanges, EMPTY_COUNTER, readCounter, usedOf, type Change, type CounterState } from './counter-state.ts';

/** Which counter: one record. */
export interface CounterRef {
  readonly at: Partition;
  readonly key: string;
}

export interface CounterReading {
  readonly spent: number;
  /** By calls in progress, on every host. */
  readonly reserved: number;
  /** Store version; `absent` for a counter that nothing was counted in yet. */
  readonly version: string;
  /** When the entry of this process in the counter began; undefined where it has none. */
  readonly own?: number | undefined;
}

/** A reservation that was taken. */
export interface Reservation {
  readonly ref: CounterRef;
  readonly amount: number;
  readonly since: number;
}

interface Waiting {
  readonly change: Change;
  readonly resolve: (since: number | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** What will be written sooner or later. Amounts of one kind and `since` are added up while they wait. */
interface Owed {
  readonly kind: 'settle' | 'release';
  readonly since: number;
  amount: number;
}

interface Lane {
  readonly ref: CounterRef;
  readonly waiting: Waiting[];
  /** Settlements, which nobody waits for, and releases whose write failed: they go along with the next one. */
  owed: Owed[];
  /** The writes under way, one after another. */
  running?: Promise<void> | undefined;
  /** What is reserved ahead of the calls that will want it. */
  lease?: Lease | undefined;
  /** Runs when only settlements wait, or something is reserved ahead. */
  timer?: NodeJS.Timeout | undefined;
}

/** What is known of the record; `fresh` when it was read for this very write. */
interface Known {
  readonly state: CounterState;
  readonly version: string;
  readonly fresh: boolean;
}

/**
 * Milliseconds that a settlement waits for company. What is spent and what is reserved together stay the same, so no
 * decision hangs on it; and a busy counter writes once a call instead of twice.
 */
const SETTLE_MS = 25;
/** Lost races before a write gives up. Only processes race: within one, changes of a counter share their writes. */
const ATTEMPTS = 200;

/**
 * Counters with a limit that holds across hosts. A reservation is taken by compare-and-set before the work and becomes
 * spent, or goes back, after it. Whatever waits for one counter in this process goes into one write. Far from the limit
 * a write also reserves for calls to come, which then need none; what they leave goes back within 50 ms.
 */
export class Counters {
  readonly #records: TabularStore;
  readonly #now: () => number;
  readonly #process = randomUUID();
  readonly #lanes = new Map<string, Lane>();

  constructor(records: TabularStore, now: () => number = Date.now) {
    this.#records = records;
    this.#now = now;
  }

  async read({ at, key }: CounterRef): Promise<CounterReading> {
    const { state, version } = known(await this.#records.get(at, key));
    const now = this.#now();
    const entry = state.holders[this.#process];
    return { ...usedOf(state, now), version, own: entry && entry.expires_at > now ? entry.since : undefined };
  }

  /** Undefined when the limit leaves no room. At once where it was reserved ahead. */
  reserve(ref: CounterRef, want: Want): Reservation | Promise<Reservation | undefined> {
    const name = nameOf(ref);
    const lane = this.#lanes.get(name);
    if (!lane?.lease?.take(want)) return this.#reserve(ref, want);
    this.#start(name, lane);
    return { ref, amount: want.amount, since: lane.lease.since };
  }

  async #reserve(ref: CounterRef, want: Want): Promise<Reservation | undefined> {
    const since = await this.#submit(ref, { kind: 'reserve', ...want });
    return since === undefined ? undefined : { ref, amount: want.amount, since };
  }

  /**
   * What was reserved is spent. Written behind this call, and where that fails along with the next write: until then
   * it stays reserved.
   */
  settle({ ref, amount, since }: Reservation): void {
    const name = nameOf(ref);
    const lane = this.#lane(name, ref);
    owe(lane, { kind: 'settle', amount, since });
    this.#start(name, lane);
  }

  /** Resolves once no settlement waits for its write, and nothing is reserved ahead; for an orderly shutdown. */
  async flush(): Promise<void> {
    await Promise.all(
      [...this.#lanes].map(async ([name, lane]) => {
        while (lane.running) await lane.running;
        for (const back of giveBack(lane)) owe(lane, back);
        if (lane.owed.length > 0) await this.#run(name, lane);
      }),
    );
  }

  /** What was reserved is free again. */
  async release({ ref, amount, since }: Reservation): Promise<void> {
    await this.#submit(ref, { kind: 'release', amount, since });
  }

  /** Counts what was spent elsewhere, whatever the limit. */
  async add(ref: CounterRef, amount: number): Promise<void> {
    await this.#submit(ref, { kind: 'add', amount });
  }

  /** Starts a counter anew with what was spent before it existed. */
  async start({ at, key }: CounterRef, spent: number): Promise<void> {
    await this.#records.put(at, key, { ...EMPTY_COUNTER, spent } as unknown as Json);
  }

  #submit(ref: CounterRef, change: Change): Promise<number | undefined> {
    const name = nameOf(ref);
    const lane = this.#lane(name, ref);
    const done = new Promise<number | undefined>((resolve, reject) => lane.waiting.push({ change, resolve, reject }));
    this.#start(name, lane);
    return done;
  }

  #lane(name: string, ref: CounterRef): Lane {
    let lane = this.#lanes.get(name);
    if (lane === undefined) this.#lanes.set(name, (lane = { ref, waiting: [], owed: [] }));
    return lane;
  }

  #start(name: string, lane: Lane): void {
    if (lane.running) return;
    if (isUrgent(lane)) void this.#run(name, lane);
    else lane.timer ??= setTimeout(() => void this.#run(name, lane), SETTLE_MS);
  }

  #run(name: string, lane: Lane): Promise<void> {
    clearTimeout(lane.timer);
    lane.timer = undefined;
    return (lane.running = this.#writeAll(name, lane));
  }

  async #writeAll(name: string, lane: Lane): Promise<void> {
    let last: Known | undefined;
    do last = await this.#writeOnce(lane, last);
    while (isUrgent(lane));
    lane.running = undefined;
    // After a write that failed, what is owed waits for company.
    if (lane.lease || (last && lane.owed.length > 0)) this.#start(name, lane);
    else if (lane.owed.length === 0) this.#lanes.delete(name);
  }

  /** One write for all that waits. Never rejects: what waited is told. */
  async #writeOnce(lane: Lane, last: Known | undefined): Promise<Known | undefined> {
    const batch: Waiting[] = [];
    const owed: Owed[] = [];
    // Nobody needed it since the last write, so others may have it.
    if (!lane.lease?.servedLast && !lane.waiting.some(({ change }) => change.kind === 'reserve'))
      owed.push(...giveBack(lane));
    try {
      let from = last;
      for (let attempt = 1; ; attempt++) {
        from ??= await this.#read(lane.ref);
        owed.push(...lane.owed.splice(0));
        batch.push(...lane.waiting.splice(0));
        const waited = batch.map(({ change }) => change);
        const ahead = aheadOf(lane, [...owed, ...waited], usedOf(from.state, this.#now()));
        if (!ahead) owed.push(...giveBack(lane));
        const submitted = [...owed, ...waited];
        const changes = ahead ? [...submitted, ahead.change] : submitted;
        const applied = applyChanges(from.state, changes, { process: this.#process, now: this.#now() });
        const results = applied.results.slice(owed.length, submitted.length);
        const refused = results.includes(undefined);
        // A limit is never refused on what was known before: another host may have given back since.
        if (!refused || from.fresh) {
          const nothing = owed.length === 0 && !ahead && results.every((result) => result === undefined);
          const version = nothing ? from.version : await this.#put(lane.ref, applied, from.version);
          if (version !== undefined) {
            renew(lane, ahead, applied.results[submitted.length]);
            batch.forEach(({ resolve }, index) => resolve(results[index]));
            return { state: nothing ? from.state : applied.state, version, fresh: false };
          }
          if (attempt === ATTEMPTS) throw new StoreError('conflict', `Too many hosts count in ${lane.ref.key}.`);
          // Chance separates hosts that keep meeting.
          if (attempt > 2) await new Promise((wake) => setTimeout(wake, Math.random() * Math.min(attempt * 2, 20)));
        }
        from = undefined;
      }
    } catch (error) {
      for (const { change, reject } of batch.length > 0 ? batch : lane.waiting.splice(0)) {
        if (change.kind === 'release') owed.push(change);
        reject(error);
      }
      for (const change of [...owed, ...giveBack(lane)]) owe(lane, change);
      return undefined;
    }
  }

  async #read({ at, key }: CounterRef): Promise<Known> {
    return { ...known(await this.#records.get(at, key)), fresh: true };
  }

  /** The new version; undefined when somebody else was faster. */
  async #put(
    ref: CounterRef,
    { state, mine }: ReturnType<typeof applyChanges>,
    ifVersion: string,
  ): Promise<string | undefined> {
    try {
      return (await this.#records.put(ref.at, ref.key, state as unknown as Json, { ifVersion })).version;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.code === 'conflict') return undefined;
      if (error.code !== 'unknown_outcome') throw error;
      const now = await this.#read(ref);
      const entry = now.state.holders[this.#process];
      // Counted twice, the tenant would pay for it; not at all, the limit would not hold.
      return entry?.since === mine.since && entry.write === mine.write ? now.version : undefined;
    }
  }
}

function isUrgent({ waiting, lease }: Lane): boolean {
  return lease?.isLow === true || waiting.length > 0;
}

function owe({ owed }: Lane, { kind, amount, since }: Readonly<Owed>): void {
  const same = owed.find((other) => other.kind === kind && other.since === since);
  if (same) same.amount += amount;
  else owed.push({ kind, amount, since });
}

function nameOf({ at: { tenantId, kind, mode, projectId }, key }: CounterRef): string {
  // None of them can hold a line break; the key comes last and may hold anything.
  return `${tenantId}\n${kind}\n${mode ?? ''}\n${projectId ?? ''}\n${key}`;
}

function known(record: TabularRecord | undefined): { state: CounterState; version: string } {
  if (record === undefined) return { state: EMPTY_COUNTER, version: 'absent' };
  return { state: readCounter(record.value), version: record.version };
}
