import type { Appended } from '../../event-spine.ts';
import { streamCursors } from '../stream-cursor.ts';
import type { PreparedEntry } from './append-job.ts';
import type { PostgresEngine, Statement } from './postgres-engine.ts';

/** Whether one statement can write them: one stream, no head to be expected, no id twice. */
export function canAppendTogether(entries: readonly PreparedEntry[]): boolean {
  const { tenantId, stream } = entries[0]!.at;
  return (
    entries.every(({ expect, at }) => expect === undefined && at.stream === stream && at.tenantId === tenantId) &&
    new Set(entries.map(({ eventId }) => eventId)).size === entries.length
  );
}

/** For events that all get the time of the server, and for those of which some bring their own. */
export interface TogetherStatements {
  readonly untimed: Statement;
  readonly timed: Statement;
}

/**
 * Appends to one stream in one round trip. Fails as a whole, with a unique violation, when the stream knows one of
 * the ids.
 */
export async function appendTogether(
  engine: PostgresEngine,
  { untimed, timed }: TogetherStatements,
  entries: readonly PreparedEntry[],
): Promise<readonly Appended[]> {
  const { at } = entries[0]!;
  const values: unknown[] = [
    at.tenantId,
    at.stream,
    entries.map(({ eventId }) => eventId),
    entries.map(({ type }) => type),
    entries.map(({ json }) => json),
  ];
  const isTimed = entries.some(({ time }) => time !== null);
  if (isTimed) values.push(entries.map(({ time }) => time));
  const statement = { ...(isTimed ? timed : untimed), values };
  const { rows } = await engine.write<{ seq: string }>(`append to stream ${at.stream}`, statement);
  const first = Number(rows[0]!.seq) - entries.length + 1;
  const { toCursor } = streamCursors(at);
  return entries.map((_, i) => ({ cursor: toCursor(first + i), seq: first + i, duplicate: false }));
}

/**
 * `head` locks the stream until the commit and takes the numbers from it, so that they become visible in their order;
 * a database sequence gives numbers out in one order and shows them in another, and a reader loses events.
 *
 * `at_before` is there because RETURNING knows new values only: times of their own are clamped to the head's before
 * this append.
 */
export function appendTogetherStatements(schema: string): TogetherStatements {
  const head = (row: string): string => `
    head AS (
      INSERT INTO ${schema}.streams AS s (tenant, stream, seq, at) ${row}
      ON CONFLICT (tenant, stream) DO UPDATE
      SET seq = s.seq + excluded.seq, at = greatest(s.at, excluded.at), at_before = s.at
      RETURNING id, seq, at, at_before
    )`;
  const events = `${schema}.events (stream_id, seq, event_id, type, at, bytes, data)`;
  const seq = 'seq - cardinality($3::text[]) + nth';
  return {
    untimed: {
      name: 'northstar_append_untimed',
      text: `
        WITH ${head(`SELECT $1, $2, cardinality($3::text[]), ${SERVER_TIME}`)}, written AS (
          INSERT INTO ${events}
          SELECT id, ${seq}, event_id, type, at, octet_length(data), data::json
          FROM head, unnest($3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS t(event_id, type, data, nth)
        )
        SELECT seq::text FROM head`,
    },
    timed: {
      name: 'northstar_append_timed',
      text: `
        WITH incoming AS (
          SELECT nth, event_id, type, data,
                 max(coalesce(time, ${SERVER_TIME}) COLLATE "C") OVER (ORDER BY nth) AS own_at
          FROM unnest($3::text[], $4::text[], $5::text[], $6::text[])
               WITH ORDINALITY AS t(event_id, type, data, time, nth)
        ), ${head('SELECT $1, $2, count(*), max(own_at) FROM incoming')}, written AS (
          INSERT INTO ${events}
          SELECT id, ${seq}, event_id, type, greatest(at_before, own_at), octet_length(data), data::json
          FROM head, incoming
        )
        SELECT seq::text FROM head`,
    },
  };
}

/** ISO 8601, UTC, milliseconds. One clock for all hosts. */
export const SERVER_TIME = `to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
