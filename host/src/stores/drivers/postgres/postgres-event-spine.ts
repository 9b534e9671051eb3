import type { Json } from '@northstar/sdk';
import type {
  AppendEntry,
  AppendOptions,
  Appended,
  EventSpine,
  NewEvent,
  StoredEvent,
  StreamRef,
} from '../../event-spine.ts';
import type { EngineCaps, SpineCaps } from '../../engine-caps.ts';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import { fromJsonText } from '../json-text.ts';
import { cursorForgotten, streamCursors, type StreamCursors } from '../stream-cursor.ts';
import { streamKey, toAppendJob, type AppendJob } from './append-job.ts';
import { appendOne, appendOneStatement } from './append-one.ts';
import {
  appendTogether,
  appendTogetherStatements,
  canAppendTogether,
  type TogetherStatements,
} from './append-together.ts';
import { appendWithCare } from './append-with-care.ts';
import { PAGE_BYTES, POSTGRES_LIMITS } from './postgres-caps.ts';
import type { PostgresEngine, Statement } from './postgres-engine.ts';
import { sqlState, UNIQUE_VIOLATION } from './postgres-error.ts';
import { StreamBatches, type JobResult } from './stream-batches.ts';

interface Row {
  readonly seq: string;
  readonly event_id: string;
  readonly type: string;
  readonly at: string;
  readonly json: string;
}

/** `forgotten`: the cursor's event is; `over`: the page is full with the events before this one. */
type PageRow = Omit<Row, 'seq'> & { readonly seq: string | null; readonly note: 'forgotten' | 'over' | null };

/** Events that one commit forgets: a longer one would hold back the vacuum and, cancelled, start over. */
const TRIM_CHUNK = 2000;

/**
 * Event streams in Postgres. A number is taken from the head of its stream, which stays locked until the commit: the
 * order of numbers is the order in which readers see them. Hints come from a bus beside it (`openPostgresHints`).
 */
export class PostgresEventSpine implements EventSpine {
  readonly caps: SpineCaps;
  readonly limits = POSTGRES_LIMITS;
  readonly #engine: PostgresEngine;
  readonly #batches = new StreamBatches((jobs) => this.#write(jobs));
  readonly #together: TogetherStatements;
  readonly #one: Statement;
  readonly #sql: ReturnType<typeof statements>;

  constructor(engine: PostgresEngine, caps: EngineCaps) {
    this.#engine = engine;
    this.caps = { ...caps, atomicAppend: true, pushTail: true };
    this.#together = appendTogetherStatements(engine.schema);
    this.#one = appendOneStatement(engine.schema);
    this.#sql = statements(engine.schema);
  }

  async append(at: StreamRef, event: NewEvent, { expect, time }: AppendOptions = {}): Promise<Appended> {
    const [appended] = await this.#batches.add(streamKey(at), toAppendJob([{ at, event, expect, time }]));
    return appended!;
  }

  async appendAll(entries: readonly AppendEntry[]): Promise<readonly Appended[]> {
    if (entries.length === 0) return [];
    const streams = new Set(entries.map(({ at }) => streamKey(at)));
    // Calls over several streams share commits too, those of one tenant: nobody waits for another tenant's streams.
    const queue = streams.size === 1 ? [...streams][0]! : streamKey({ tenantId: entries[0]!.at.tenantId, stream: '' });
    return this.#batches.add(queue, toAppendJob(entries));
  }

  async read(
    at: StreamRef,
    query: { after?: string; limit?: number } = {},
  ): Promise<{ events: readonly StoredEvent[]; more: boolean }> {
    const { after, limit = DEFAULT_PAGE } = query;
    const cursors = streamCursors(at);
    const start = after === undefined ? 0 : cursors.toSeq(after);
    const rows = await this.#engine.read<PageRow>(`read stream ${at.stream}`, {
      ...this.#sql.page,
      values: [at.tenantId, at.stream, start, limit + 1, PAGE_BYTES],
    });
    // There is always one row: without events it says only whether the cursor's event is kept.
    if (start > 0 && rows[0]!.note === 'forgotten') throw cursorForgotten(at);
    const events: StoredEvent[] = [];
    for (const row of rows) {
      if (row.seq === null) break;
      const full = events.length === limit || (events.length > 0 && row.note === 'over');
      if (full) return { events, more: true };
      events.push(toStored(at, row as Row, cursors));
    }
    return { events, more: false };
  }

  async head(at: StreamRef): Promise<StoredEvent | undefined> {
    const values = [at.tenantId, at.stream];
    const [row] = await this.#engine.read<Row>(`read stream ${at.stream}`, { ...this.#sql.newest, values });
    return row && toStored(at, row, streamCursors(at));
  }

  async trim(at: StreamRef, { before }: { before: string }): Promise<void> {
    const seq = streamCursors(at).toSeq(before);
    const doing = `trim stream ${at.stream}`;
    const [kept] = await this.#engine.read(doing, { ...this.#sql.kept, values: [at.tenantId, at.stream, seq] });
    if (!kept) throw cursorForgotten(at);
    for (let changes = TRIM_CHUNK; changes > 0;) {
      const values = [at.tenantId, at.stream, seq, TRIM_CHUNK];
      ({ changes } = await this.#engine.write(doing, { ...this.#sql.forget, values }));
    }
  }

  /** Writes what was accepted and refuses what comes later. Not part of the port: `openPostgres` closes everything. */
  async close(): Promise<void> {
    await this.#batches.close();
  }

  async #write(jobs: readonly AppendJob[]): Promise<readonly JobResult[]> {
    try {
      return await this.#writeAll(jobs);
    } catch (error) {
      // Only the server knows how deep a value may be nested: one that is too deep must not take its neighbours along.
      if (jobs.length === 1 || !(error instanceof StoreError) || error.code !== 'too_large') throw error;
      const results: JobResult[] = [];
      for (const job of jobs) results.push(...(await this.#write([job]).catch((own: StoreError) => [own])));
      return results;
    }
  }

  async #writeAll(jobs: readonly AppendJob[]): Promise<readonly JobResult[]> {
    const entries = jobs.flatMap((job) => job.entries);
    if (canAppendTogether(entries)) {
      try {
        const [only] = entries;
        if (only !== undefined && entries.length === 1) return [[await appendOne(this.#engine, this.#one, only)]];
        const appended = await appendTogether(this.#engine, this.#together, entries);
        let start = 0;
        return jobs.map((job) => appended.slice(start, (start += job.entries.length)));
      } catch (error) {
        if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      }
    }
    return appendWithCare(this.#engine, jobs);
  }
}

function statements(schema: string) {
  const id = `(SELECT id FROM ${schema}.streams WHERE tenant = $1 AND stream = $2)`;
  const columns = 'seq::text, event_id, type, at, data::text AS json';
  return {
    // One statement, one snapshot: the cursor's event cannot be forgotten between the check and the page.
    page: {
      name: 'northstar_page',
      text: `SELECT CASE WHEN $3 > 0 AND NOT EXISTS (SELECT 1 FROM ${schema}.events WHERE stream_id = ${id} AND seq = $3)
                         THEN 'forgotten' WHEN total > $5 THEN 'over' END AS note, ${columns.replace('seq', 'page.seq')}
             FROM (SELECT 1) AS one LEFT JOIN (
               SELECT * FROM (
                 SELECT *, sum(bytes) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) AS total
                 FROM (SELECT * FROM ${schema}.events WHERE stream_id = ${id} AND seq > $3
                       ORDER BY seq LIMIT $4) AS wanted) AS sized
               WHERE total - bytes <= $5) AS page ON true
             ORDER BY page.seq`,
    },
    newest: {
      name: 'northstar_newest',
      text: `SELECT ${columns} FROM ${schema}.events WHERE stream_id = ${id} ORDER BY events.seq DESC LIMIT 1`,
    },
    kept: {
      name: 'northstar_kept',
      text: `SELECT 1 FROM ${schema}.events WHERE stream_id = ${id} AND seq = $3`,
    },
    forget: {
      name: 'northstar_forget',
      text: `DELETE FROM ${schema}.events WHERE stream_id = ${id}
             AND seq < least($3, $4 + (SELECT min(seq) FROM ${schema}.events WHERE stream_id = ${id}))`,
    },
  } satisfies Record<string, Statement>;
}

function toStored(at: StreamRef, row: Row, { toCursor }: StreamCursors): StoredEvent {
  const { seq, event_id, type, at: time, json } = row;
  const data = fromJsonText<Json>(json, `event ${seq} of stream ${at.stream}`);
  const position = Number(seq);
  return { cursor: toCursor(position), seq: position, eventId: event_id, type, at: time, data };
}
