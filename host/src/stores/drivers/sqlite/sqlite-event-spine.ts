import { randomUUID } from 'node:crypto';
import type { Appended, EventSpine, NewEvent, StoredEvent, StreamRef } from '../../event-spine.ts';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import { fromJsonText, toJsonText } from '../json-text.ts';
import type { GroupCommit } from './group-commit.ts';
import type { SqliteStatement } from './load-sqlite.ts';
import type { SqliteEngine } from './open-sqlite.ts';
import { guarded } from './sqlite-error.ts';
import { streamCursors } from './stream-cursor.ts';
import { takePage } from './take-page.ts';

interface Row {
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  readonly at: string;
  readonly json: string;
}

interface Entry {
  readonly at: StreamRef;
  readonly event: NewEvent;
  readonly json: string;
}

export interface SpineClock {
  /** Milliseconds since 1970; default `Date.now`. */
  readonly now?: () => number;
}

/** Event streams in SQLite. The number of an event is taken inside the transaction: order of numbers is commit order. */
export class SqliteEventSpine implements EventSpine {
  readonly #commits: GroupCommit;
  readonly #now: () => number;
  readonly #head: SqliteStatement;
  readonly #byId: SqliteStatement;
  readonly #insert: SqliteStatement;
  readonly #after: SqliteStatement;

  constructor(engine: SqliteEngine, { now = Date.now }: SpineClock = {}) {
    this.#commits = engine.commits;
    this.#now = now;
    const where = 'WHERE tenant = ? AND stream = ?';
    this.#head = engine.prepare(`SELECT seq, at FROM events ${where} ORDER BY seq DESC LIMIT 1`);
    this.#byId = engine.prepare(`SELECT seq FROM events ${where} AND event_id = ?`);
    this.#insert = engine.prepare(
      'INSERT INTO events (tenant, stream, seq, event_id, type, at, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#after = engine.prepare(
      `SELECT seq, event_id AS eventId, type, at, data AS json FROM events ${where} AND seq > ? ORDER BY seq LIMIT ?`,
    );
  }

  async append(at: StreamRef, event: NewEvent): Promise<Appended> {
    const entry = toEntry(at, event);
    return this.#commits.run(() => this.#write(entry));
  }

  async appendAll(entries: readonly { at: StreamRef; event: NewEvent }[]): Promise<readonly Appended[]> {
    const all = entries.map(({ at, event }) => toEntry(at, event));
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
      const found = this.#after.iterate(at.tenantId, at.stream, start, limit + 1);
      const { rows, more } = takePage(found as Iterable<Row>, limit);
      // Beyond the end: a backup was restored, say. A reader that waits there would miss all that comes next.
      if (rows.length === 0 && start > (this.#last(at)?.seq ?? 0)) {
        throw new StoreError(
          'cursor_invalid',
          `The cursor is beyond the end of stream ${at.stream}: read from the start.`,
        );
      }
      return { events: rows.map((row) => toStored(row, cursors.toCursor(row.seq))), more };
    });
  }

  #write({ at, event, json }: Entry): Appended {
    const { toCursor } = streamCursors(at);
    const known = event.eventId === undefined ? undefined : this.#byId.get(at.tenantId, at.stream, event.eventId);
    if (known) {
      const { seq } = known as { seq: number };
      return { cursor: toCursor(seq), seq, duplicate: true };
    }
    const last = this.#last(at);
    const seq = (last?.seq ?? 0) + 1;
    const clock = new Date(this.#now()).toISOString();
    // A clock that was set back must not make a later event look older: readers filter and merge by time.
    const time = last && last.at > clock ? last.at : clock;
    this.#insert.run(at.tenantId, at.stream, seq, event.eventId ?? timeOrderedId(time), event.type, time, json);
    return { cursor: toCursor(seq), seq, duplicate: false };
  }

  #last(at: StreamRef): { seq: number; at: string } | undefined {
    return this.#head.get(at.tenantId, at.stream) as { seq: number; at: string } | undefined;
  }
}

function toEntry(at: StreamRef, event: NewEvent): Entry {
  return { at, event, json: toJsonText(event.data, `an event of stream ${at.stream}`) };
}

function toStored({ seq, eventId, type, at, json }: Row, cursor: string): StoredEvent {
  return { cursor, seq, eventId, type, at, data: fromJsonText(json, `event ${seq}`) };
}

/** A version 7 UUID. Ids in order of time land side by side in the index; random ones cost half of the throughput. */
function timeOrderedId(at: string): string {
  const ms = Date.parse(at).toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${randomUUID().slice(15)}`;
}
