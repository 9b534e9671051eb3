import type { Appended } from '../../event-spine.ts';
import { streamCursors } from '../stream-cursor.ts';
import type { PreparedEntry } from './append-job.ts';
import { SERVER_TIME } from './append-together.ts';
import type { PostgresEngine, Statement } from './postgres-engine.ts';

/**
 * Appends one event without an expected head: what most appends are, and a statement of its own because gathering
 * rows for one of them costs the server more than writing it. Fails with a unique violation when the stream knows the
 * id.
 */
export async function appendOne(engine: PostgresEngine, statement: Statement, entry: PreparedEntry): Promise<Appended> {
  const { at, eventId, type, json, bytes, time } = entry;
  const values = [at.tenantId, at.stream, eventId, type, json, bytes, time];
  const { rows } = await engine.write<{ seq: string }>(`append to stream ${at.stream}`, { ...statement, values });
  const seq = Number(rows[0]!.seq);
  return { cursor: streamCursors(at).toCursor(seq), seq, duplicate: false };
}

/** `head` locks the stream until the commit, as in `appendTogetherStatements`. */
export function appendOneStatement(schema: string): Statement {
  return {
    name: 'northstar_append_one',
    text: `
      WITH head AS (
        INSERT INTO ${schema}.streams AS s (tenant, stream, seq, at)
        VALUES ($1, $2, 1, coalesce($7::text, ${SERVER_TIME}))
        ON CONFLICT (tenant, stream) DO UPDATE SET seq = s.seq + 1, at = greatest(s.at, excluded.at), at_before = s.at
        RETURNING id, seq, at
      ), written AS (
        INSERT INTO ${schema}.events (stream_id, seq, event_id, type, at, bytes, data)
        SELECT id, seq, $3, $4, at, $6::int, $5::json FROM head
      )
      SELECT seq::text FROM head`,
  };
}
