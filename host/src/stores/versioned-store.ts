import type { Json } from '@northstar/sdk';
import type { EventSpine, StreamRef } from './event-spine.ts';
import { neverSent } from './never-sent.ts';
import { pageLimit } from './page-limit.ts';
import { StoreError } from './store-error.ts';
import type { Partition, TabularStore } from './tabular-store.ts';
import { announceVersions } from './version-events.ts';
import { versionKey, versionPrefix, versionsStream } from './version-key.ts';

export interface SaveOptions {
  /** The newest version that the caller knows, 0 for none; otherwise `conflict`. Without it the last save wins. */
  readonly expect?: number;
  readonly author?: string;
}

export interface VersionInfo {
  readonly version: number;
  readonly author?: string;
  /** ISO 8601, UTC; never earlier than the version before it. */
  readonly at: string;
  /** The version whose value this one brought back. */
  readonly restoredFrom?: number;
}

export interface SavedVersion<T extends Json = Json> extends VersionInfo {
  readonly value: T;
}

export interface Saved {
  readonly version: number;
  /** False when the version is saved but its event is not: the next save of the record, or `announce`, writes it. */
  readonly announced: boolean;
}

type Row = { version: number; at: string; value: Json; author?: string; restoredFrom?: number };

/** Versions read at once for a history. */
const CHUNK = 25;
/** Lost races before a save gives up; each one is the save of somebody else. */
const ATTEMPTS = 1000;
/** Milliseconds that a save may wait for its turn: as long as a call may take on the slowest engine. */
const MAX_WAIT_MS = 10_000;

/**
 * Records that keep every version, over any tabular store: a save creates version n + 1 as a record of its own, so
 * that two writers can never have the same number and nothing is overwritten. Numbers run 1, 2, 3 … without gaps.
 *
 * After the write, `artifact.saved` goes to the stream `versionsStream(at, id)`, one event per version, in order. A
 * process that dies between the two leaves events owed; whoever saves next, or calls `announce`, writes them first.
 * Who keeps records in it calls `announce` for each when it starts and from time to time: the next save may never come.
 * The record is the truth, the event tells of it.
 */
export class VersionedStore {
  readonly #tabular: TabularStore;
  readonly #spine: EventSpine;
  readonly #now: () => number;
  readonly #maxWaitMs: number;
  readonly #lanes = new Map<string, Promise<unknown>>();

  /** `maxWaitMs`: a save that had no turn after so many milliseconds is `unavailable`; default 10,000. */
  constructor(stores: { tabular: TabularStore; spine: EventSpine; now?: () => number; maxWaitMs?: number }) {
    this.#tabular = stores.tabular;
    this.#spine = stores.spine;
    this.#now = stores.now ?? Date.now;
    this.#maxWaitMs = stores.maxWaitMs ?? MAX_WAIT_MS;
  }

  /** Durable when it answers. @throws StoreError `conflict` when `expect` does not hold, and those of `put`. */
  async save(at: Partition, id: string, value: Json, options: SaveOptions = {}): Promise<Saved> {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError(`The value is ${typeof value}, which JSON cannot express.`);
    // A copy: it is written later than it was given.
    return this.#save({ ...at }, id, JSON.parse(text) as Json, options);
  }

  /** The newest version, or the given one. */
  async get<T extends Json = Json>(at: Partition, id: string, version?: number): Promise<SavedVersion<T> | undefined> {
    if (version === undefined) return this.#newest<T>(at, id);
    if (!Number.isSafeInteger(version) || version < 1) return undefined;
    const record = await this.#tabular.get<Row>(at, versionKey(id, version));
    return record && (record.value as unknown as SavedVersion<T>);
  }

  /** Newest first, without values; `before` continues below that version. `limit` 1 to 1000, default 100. */
  async history(
    at: Partition,
    id: string,
    query: { before?: number; limit?: number } = {},
  ): Promise<readonly VersionInfo[]> {
    const limit = pageLimit(query.limit);
    const newest = (await this.#newest(at, id))?.version ?? 0;
    const top = Math.min(newest, (query.before ?? Infinity) - 1);
    const found: VersionInfo[] = [];
    for (let next = top; next >= 1 && found.length < limit; next -= CHUNK) {
      const count = Math.min(CHUNK, next, limit - found.length);
      const chunk = await Promise.all(Array.from({ length: count }, (_, i) => this.#existing(at, id, next - i)));
      found.push(...chunk.map(withoutValue));
    }
    return found;
  }

  /** Saves the value of an old version as the newest. @throws StoreError `conflict` when there is no such version. */
  async restore(at: Partition, id: string, version: number, options: SaveOptions = {}): Promise<Saved> {
    const old = await this.get(at, id, version);
    if (!old) throw new StoreError('conflict', `There is no version ${version} to restore: look into the history.`);
    return this.#save({ ...at }, id, old.value, { ...options, restoredFrom: version });
  }

  /** Writes the events that a crash or a failing spine has left owed; for use at start and from time to time. */
  async announce(at: Partition, id: string): Promise<void> {
    const newest = await this.#newest(at, id);
    if (newest) await this.#announce(at, id, newest.version);
  }

  async #save(
    at: Partition,
    id: string,
    value: Json,
    options: SaveOptions & { restoredFrom?: number },
  ): Promise<Saved> {
    // Saves of one record in turn: racing against oneself would cost a lost write per waiting caller.
    const lane = JSON.stringify([at.tenantId, at.kind, id]);
    const beginBy = performance.now() + this.#maxWaitMs;
    const turn = (this.#lanes.get(lane) ?? Promise.resolve()).then(async () => {
      // On a silent engine each one before it takes a whole time-out: the last of N would be answered after N of them.
      if (performance.now() > beginBy) throw neverSent('save a record');
      const version = await this.#write(at, id, value, options);
      const announced = await this.#announce(at, id, version).then(
        () => true,
        () => false,
      );
      return { version, announced };
    });
    const settled = turn.catch(() => undefined);
    this.#lanes.set(lane, settled);
    void settled.then(() => this.#lanes.get(lane) === settled && this.#lanes.delete(lane));
    return turn;
  }

  async #write(
    at: Partition,
    id: string,
    value: Json,
    { expect, author, restoredFrom }: SaveOptions & { restoredFrom?: number },
  ): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
      const newest = await this.#newest(at, id);
      const version = (newest?.version ?? 0) + 1;
      if (expect !== undefined && expect !== version - 1) {
        throw new StoreError('conflict', `The newest version is ${version - 1}, not ${expect}: read it and decide.`);
      }
      const clock = new Date(this.#now()).toISOString();
      const time = newest && newest.at > clock ? newest.at : clock;
      const row: Row = {
        ...{ version, at: time, value },
        ...(author !== undefined && { author }),
        ...(restoredFrom !== undefined && { restoredFrom }),
      };
      try {
        await this.#tabular.put(at, versionKey(id, version), row, { ifVersion: 'absent' });
        return version;
      } catch (error) {
        const lost = error instanceof StoreError && error.code === 'conflict';
        if (!lost || attempt === ATTEMPTS) throw error;
        // Another process or instance was faster. Chance separates those that keep meeting.
        if (attempt > 3) await new Promise((wake) => setTimeout(wake, Math.random() * Math.min(attempt, 20)));
      }
    }
  }

  /** Keys count down, so that the newest is the first of a listing. */
  async #newest<T extends Json = Json>(at: Partition, id: string): Promise<SavedVersion<T> | undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.#tabular.list<Row>(at, { prefix: versionPrefix(id), limit: 1, cursor });
      if (page.items[0]) return page.items[0].value as unknown as SavedVersion<T>;
      cursor = page.cursor;
    } while (cursor !== undefined);
    return undefined;
  }

  async #existing(at: Partition, id: string, version: number): Promise<SavedVersion> {
    const found = await this.get(at, id, version);
    if (found) return found;
    throw new StoreError('corrupt', `Version ${version} of a record that has later ones is gone: restore a backup.`);
  }

  async #announce(at: Partition, id: string, upTo: number): Promise<void> {
    const stream: StreamRef = { tenantId: at.tenantId, stream: versionsStream(at, id) };
    await announceVersions(this.#spine, stream, {
      upTo,
      infoOf: async (version) => ({ id, kind: at.kind, ...withoutValue(await this.#existing(at, id, version)) }),
    });
  }
}

function withoutValue({ version, author, at, restoredFrom }: SavedVersion): VersionInfo & { [key: string]: Json } {
  return {
    ...{ version, at },
    ...(author !== undefined && { author }),
    ...(restoredFrom !== undefined && { restoredFrom }),
  };
}
