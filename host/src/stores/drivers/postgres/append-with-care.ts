import type { Appended } from '../../event-spine.ts';
import { StoreError } from '../../store-error.ts';
import { streamCursors } from '../stream-cursor.ts';
import { SERVER_TIME } from './append-together.ts';
import { streamKey, type AppendJob, type PreparedEntry } from './append-job.ts';
import type { PostgresEngine, RunStatement } from './postgres-engine.ts';
import type { JobResult } from './stream-batches.ts';

interface Head {
  readonly id: string;
  readonly seq: number;
  readonly at: string;
}

interface NewRow {
  readonly streamId: string;
  readonly seq: number;
  readonly at: string;
  readonly entry: PreparedEntry;
}

/** The locked streams as the jobs planned so far leave them. */
interface Plan {
  readonly heads: Map<string, Head>;
  readonly known: Map<string, number>;
  readonly rows: NewRow[];
}

/**
 * Appends jobs in one transaction that holds all their streams: for expected heads, known ids and several streams.
 * Each job is written or refused as a whole.
 */
export async function appendWithCare(
  engine: PostgresEngine,
  jobs: readonly AppendJob[],
): Promise<readonly JobResult[]> {
  const entries = jobs.flatMap((job) => job.entries);
  let results: readonly JobResult[] = [];
  const write = async (run: RunStatement): Promise<void> => {
    const { heads, now } = await lockStreams(engine, run, entries);
    let plan: Plan = { heads, known: await findKnown(engine, run, heads, entries), rows: [] };
    results = jobs.map((job) => {
      const next: Plan = { heads: new Map(plan.heads), known: new Map(plan.known), rows: [...plan.rows] };
      const answer = planJob(job, next, now);
      if (!(answer instanceof StoreError)) plan = next;
      return answer;
    });
    // Thrown, so that the streams that were created to be locked are gone again. Beside a job that is written one may
    // stay behind, with number 0: to everybody it is an empty stream.
    const refusal = results.find((result) => result instanceof StoreError);
    if (refusal instanceof StoreError && results.every((result) => result instanceof StoreError)) throw refusal;
    if (plan.rows.length > 0) await insertRows(engine, run, plan);
  };
  try {
    await engine.transaction('append events', write);
  } catch (error) {
    if (!results.includes(error as StoreError)) throw error;
  }
  return results;
}

/** Creates missing streams, with number 0, and holds all of them until the end; in one order, or two calls deadlock. */
async function lockStreams(
  engine: PostgresEngine,
  run: RunStatement,
  entries: readonly PreparedEntry[],
): Promise<{ heads: Map<string, Head>; now: string }> {
  const refs = [...new Map(entries.map(({ at }) => [streamKey(at), at])).values()];
  const rows = await run({
    name: 'northstar_lock',
    text: `INSERT INTO ${engine.schema}.streams AS s (tenant, stream, seq, at)
           SELECT tenant, stream, 0, '' FROM unnest($1::text[], $2::text[]) AS t(tenant, stream)
           ORDER BY tenant COLLATE "C", stream COLLATE "C"
           ON CONFLICT (tenant, stream) DO UPDATE SET seq = s.seq
           RETURNING id::text, tenant, stream, seq::text, at, ${SERVER_TIME} AS now`,
    values: [refs.map(({ tenantId }) => tenantId), refs.map(({ stream }) => stream)],
  });
  const heads = new Map<string, Head>();
  for (const { id, tenant, stream, seq, at } of rows) {
    heads.set(streamKey({ tenantId: tenant, stream }), { id, seq: Number(seq), at });
  }
  return { heads, now: rows[0]!.now as string };
}

/** Looked up under the lock, so that nobody can add one of the ids before this commits. */
async function findKnown(
  engine: PostgresEngine,
  run: RunStatement,
  heads: ReadonlyMap<string, Head>,
  entries: readonly PreparedEntry[],
): Promise<Map<string, number>> {
  const rows = await run({
    name: 'northstar_known',
    text: `SELECT stream_id::text, event_id, seq::text FROM ${engine.schema}.events
           JOIN unnest($1::bigint[], $2::text[]) AS wanted(stream_id, event_id) USING (stream_id, event_id)`,
    values: [entries.map(({ at }) => heads.get(streamKey(at))!.id), entries.map(({ eventId }) => eventId)],
  });
  return new Map(rows.map(({ stream_id, event_id, seq }) => [idKey(stream_id, event_id), Number(seq)]));
}

/** Adds the job to the plan; stops with the refusal, the plan half changed, when a head is not the expected one. */
function planJob({ entries }: AppendJob, plan: Plan, now: string): JobResult {
  const answers: Appended[] = [];
  for (const entry of entries) {
    const { at, eventId, expect } = entry;
    const { toCursor } = streamCursors(at);
    const head = plan.heads.get(streamKey(at))!;
    const known = plan.known.get(idKey(head.id, eventId));
    if (known !== undefined) {
      answers.push({ cursor: toCursor(known), seq: known, duplicate: true });
      continue;
    }
    if (expect !== undefined && expect !== (head.seq > 0 ? toCursor(head.seq) : null)) {
      return new StoreError(
        'conflict',
        `Stream ${at.stream} has another head than expected: read it again and decide.`,
      );
    }
    const clock = entry.time ?? now;
    const next: Head = { id: head.id, seq: head.seq + 1, at: head.at > clock ? head.at : clock };
    plan.heads.set(streamKey(at), next);
    plan.known.set(idKey(head.id, eventId), next.seq);
    plan.rows.push({ streamId: head.id, seq: next.seq, at: next.at, entry });
    answers.push({ cursor: toCursor(next.seq), seq: next.seq, duplicate: false });
  }
  return answers;
}

async function insertRows(engine: PostgresEngine, run: RunStatement, { heads, rows }: Plan): Promise<void> {
  const streams = [...heads.values()];
  await run({
    name: 'northstar_insert',
    text: `WITH written AS (
             INSERT INTO ${engine.schema}.events (stream_id, seq, event_id, type, at, bytes, data)
             SELECT stream_id, seq, event_id, type, at, bytes, data::json
             FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[])
                  AS t(stream_id, seq, event_id, type, at, bytes, data))
           UPDATE ${engine.schema}.streams AS s SET seq = t.seq, at = t.at
           FROM unnest($8::bigint[], $9::bigint[], $10::text[]) AS t(id, seq, at) WHERE s.id = t.id`,
    values: [
      rows.map(({ streamId }) => streamId),
      rows.map(({ seq }) => seq),
      rows.map(({ entry }) => entry.eventId),
      rows.map(({ entry }) => entry.type),
      rows.map(({ at }) => at),
      rows.map(({ entry }) => entry.bytes),
      rows.map(({ entry }) => entry.json),
      streams.map(({ id }) => id),
      streams.map(({ seq }) => seq),
      streams.map(({ at }) => at),
    ],
  });
}

/** An encoded id has no space. */
function idKey(streamId: string, eventId: string): string {
  return `${streamId} ${eventId}`;
}
