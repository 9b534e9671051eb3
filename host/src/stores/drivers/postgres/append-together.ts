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

/**
 * Appends to one stream in one round trip. Fails as a whole, with a unique violation, when the stream knows one of
 * the ids.
 */
export async function appendTogether(
  engine: PostgresEngine,
  statement: Statement,
  entries: readonly PreparedEntry[],
): Promise<readonly Appended[]> {
  const { at } = entries[0]!;
  const values = [
    at.tenantId,
    at.stream,
    entries.map(({ eventId }) => eventId),
    entries.map(({ type }) => type),
    entries.map(({ json }) => json),
    entries.some(({ time }) => time !== null) ? entries.map(({ time }) => time) : null,
  ];
  const { rows } = await engine.write<{ seq: string }>(`append to stream ${at.stream}`, { ...statement, values });
  const first = Number(rows[0]!.seq) - entries.length + 1;
  const { toCursor } = streamCursors(at);
  return entries.map((_, i) => ({ cursor: toCursor(first + i), seq: first + i, duplicate: false }));
}

/**
 * `head` locks the stream until the commit and takes the numbers from it, so that they become visible in their order;
 * a database sequence gives numbers out in one order and shows them in another, and a reader loses events.
 *
 * `at_before` is there because RETURNING knows new values only: times are clamped to the head's before this append.
 */
export function appendTogetherStatement(schema: string): Statement {
  return {
    name: 'northstar_append',
    text: `
      WITH incoming AS (
        SELECT nth, event_id, type, data, octet_length(data) AS bytes,
               max(coalesce(time, ${SERVER_TIME}) COLLATE "C") OVER (ORDER BY nth) AS at
        FROM unnest($3::text[], $4::text[], $5::text[], $6::text[])
             WITH ORDINALITY AS t(event_id, type, data, time, nth)
      ), head AS (
        INSERT INTO ${schema}.streams AS s (tenant, stream, seq, at)
        SELECT $1, $2, count(*), max(at) FROM incoming
        ON CONFLICT (tenant, stream) DO UPDATE
        SET seq = s.seq + excluded.seq, at = greatest(s.at, excluded.at), at_before = s.at
        RETURNING id, seq, at_before
      ), written AS (
        INSERT INTO ${schema}.events (stream_id, seq, event_id, type, at, bytes, data)
        SELECT id, seq - cardinality($3::text[]) + nth, event_id, type, greatest(at_before, at), bytes, data::json
        FROM head, incoming
      )
      SELECT seq::text FROM head`,
  };
}

/** ISO 8601, UTC, milliseconds. One clock for all hosts. */
export const SERVER_TIME = `to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
