import { randomUUID } from 'node:crypto';
import type {
  AppendEntry,
  AppendOptions,
  Appended,
  EventSpine,
  NewEvent,
  StoredEvent,
  StreamRef,
} from '../../event-spine.ts';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import { fromJsonText, toJsonText } from '../json-text.ts';
import type { GroupCommit } from './group-commit.ts';
import type { SqliteStatement } from './load-sqlite.ts';
import type { SqliteEngine } from './open-sqlite.ts';
import { SQLITE_CAPS, SQLITE_LIMITS } from './sqlite-caps.ts';
import { guarded } from './sqlite-error.ts';
import { cursorForgotten, streamCursors, type StreamCursors } from '../stream-cursor.ts';
import { takePage } from './take-page.ts';

interface Row {
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  readonly at: string;
  readonly json: string;
}

interface Entry extends AppendEntry {
  readonly json: string;
}

interface Head {
  readonly seq: number;
  readonly at: string;
}

/** What an append need not find out again until its transaction ends: the time, and the heads that it wrote itself. */
interface Transaction {
  readonly epoch: number;
  readonly clock: { readonly ms: number; readonly text: string };
  readonly heads: Map<StreamCursors, Head>;
}

/** Events that one commit forgets: deleting a million at once would stop the event loop for seconds. */
const TRIM_CHUNK = 2000;

export interface SpineClock {
  /** Milliseconds since 1970; default `Date.now`. */
  readonly now?: () => number;
}

/** Event streams in SQLite. The number of an event is taken inside the transaction: order of numbers is commit order. */
export class SqliteEventSpine implements EventSpine {
  readonly caps = { ...SQLITE_CAPS, atomicAppend: true, pushTail: false } as const;
  readonly limits = SQLITE_LIMITS;
  readonly #commits: GroupCommit;
  readonly #now: () => number;
  readonly #head: SqliteStatement;
  readonly #byId: SqliteStatement;
  readonly #insert: SqliteStatement;
  readonly #after: SqliteStatement;
  readonly #newest: SqliteStatement;
  readonly #bySeq: SqliteStatement;
  readonly #forget: SqliteStatement;
  #transaction: Transaction | undefined;

  constructor(engine: SqliteEngine, { now = Date.now }: SpineClock = {}) {
    this.#commits = engine.commits;
    this.#now = now;
    const where = 'WHERE tenant = ? AND stream = ?';
    this.#head = engine.prepare(`SELECT seq, at FROM events ${where} ORDER BY seq DESC LIMIT 1`);
    this.#byId = engine.prepare(`SELECT seq FROM events ${where} AND event_id = ?`);
    this.#insert = engine.prepare(
      'INSERT INTO events (tenant, stream, seq, event_id, type, at, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    const columns = 'seq, event_id AS eventId, type, at, data AS json';
    this.#after = engine.prepare(`SELECT ${columns} FROM events ${where} AND seq > ? ORDER BY seq LIMIT ?`);
    this.#newest = engine.prepare(`SELECT ${columns} FROM events ${where} ORDER BY seq DESC LIMIT 1`);
    this.#bySeq = engine.prepare(`SELECT seq FROM events ${where} AND seq = ?`);
    this.#forget = engine.prepare(
      `DELETE FROM events ${where} AND seq < min(?, ? + (SELECT min(seq) FROM events ${where}))`,
    );
  }

  async append(at: StreamRef, event: NewEvent, options?: AppendOptions): Promise<Appended> {
    const entry = toEntry({ at, event, expect: options?.expect, time: options?.time });
    return this.#commits.run(() => this.#write(entry));
  }

  /** One transaction: what an `expect` holds, nobody else can write to before the call is through. */
  async appendAll(entries: readonly AppendEntry[]): Promise<readonly Appended[]> {
    const all = entries.map(toEntry);
    return this.#commits.run(() => all.map((entry) => this.#write(entry)));
  }

  async read(
    at: StreamRef,
    query: { after?: string; limit?: number } = {},
  ): Promise<{ events: readonly StoredEvent[]; more: boolean }> {
    const { after, limit = DEFAULT_PAGE } = query;
    const cursors = streamCursors(at);
    const start = after === undefined ? 0 : cursors.toSeq(after);
    return guarded(`read stream ${at.stream}`, () => {
      if (start > 0) this.#assertKept(at, start);
      const found = this.#after.iterate(at.tenantId, at.stream, start, limit + 1);
      const { rows, more } = takePage(found as Iterable<Row>, limit);
      return { events: rows.map((row) => toStored(row, cursors.toCursor(row.seq))), more };
    });
  }

  async head(at: StreamRef): Promise<StoredEvent | undefined> {
    return guarded(`read stream ${at.stream}`, () => {
      const row = this.#newest.get(at.tenantId, at.stream) as Row | undefined;
      return row && toStored(row, streamCursors(at).toCursor(row.seq));
    });
  }

  async trim(at: StreamRef, { before }: { before: string }): Promise<void> {
    const seq = streamCursors(at).toSeq(before);
    for (let forgotten = TRIM_CHUNK; forgotten > 0;) {
      forgotten = await this.#commits.run(() => {
        this.#assertKept(at, seq);
        const { tenantId, stream } = at;
        return Number(this.#forget.run(tenantId, stream, seq, TRIM_CHUNK, tenantId, stream).changes);
      });
    }
  }

  #assertKept(at: StreamRef, seq: number): void {
    if (this.#bySeq.get(at.tenantId, at.stream, seq)) return;
    throw cursorForgotten(at);
  }

  #write({ at, event, json, expect, time }: Entry): Appended {
    const cursors = streamCursors(at);
    const { toCursor } = cursors;
    const known = event.eventId === undefined ? undefined : this.#byId.get(at.tenantId, at.stream, event.eventId);
    if (known) {
      const { seq } = known as { seq: number };
      return { cursor: toCursor(seq), seq, duplicate: true };
    }
    const { heads, clock } = this.#thisTransaction();
    const last = heads.get(cursors) ?? (this.#head.get(at.tenantId, at.stream) as Head | undefined);
    if (expect !== undefined && expect !== (last ? toCursor(last.seq) : null)) {
      throw new StoreError('conflict', `Stream ${at.stream} has another head than expected: read it again and decide.`);
    }
    const seq = (last?.seq ?? 0) + 1;
    // A clock that was set back must not make a later event look older: readers filter and merge by time.
    const wanted = time ?? clock.text;
    const stamp = last && last.at > wanted ? last.at : wanted;
    const id = event.eventId ?? timeOrderedId(stamp === clock.text ? clock.ms : Date.parse(stamp));
    this.#insert.run(at.tenantId, at.stream, seq, id, event.type, stamp, json);
    heads.set(cursors, { seq, at: stamp });
    return { cursor: toCursor(seq), seq, duplicate: false };
  }

  #thisTransaction(): Transaction {
    const { epoch } = this.#commits;
    if (this.#transaction?.epoch !== epoch) {
      const ms = this.#now();
      this.#transaction = { epoch, clock: { ms, text: new Date(ms).toISOString() }, heads: new Map() };
    }
    return this.#transaction;
  }
}

function toEntry({ at, event, expect, time }: AppendEntry): Entry {
  return { at, event, expect, time, json: toJsonText(event.data, `an event of stream ${at.stream}`) };
}

function toStored({ seq, eventId, type, at, json }: Row, cursor: string): StoredEvent {
  return { cursor, seq, eventId, type, at, data: fromJsonText(json, `event ${seq}`) };
}

/** A version 7 UUID. Ids in order of time land side by side in the index; random ones cost half of the throughput. */
function timeOrderedId(ms: number): string {
  const digits = ms.toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7${randomUUID().slice(15)}`;
}
