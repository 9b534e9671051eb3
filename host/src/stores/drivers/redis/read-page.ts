import type { RedisConnection } from './connect-redis.ts';
import { PAGE_BYTES } from './redis-caps.ts';

/** An entry of a Redis stream: its id, then names and values in turn. */
export type Row = readonly [id: string, fields: readonly string[]];

/** Rows of one command. A thousand large ones at once would be a gigabyte in the server: more, once they are small. */
const FEW = 16;
const MANY = 256;
const SMALL_BYTES = 8192;

/**
 * Events behind the number `start`, 0 for all. Plain commands and no script: a script writes every row out twice.
 *
 * `kept` says whether the event `start`, or else the first of the page, was still there at the end. A trim goes from
 * the oldest on, so none behind that one is missing then.
 */
export async function readPage(
  client: RedisConnection,
  events: string,
  { start, limit }: { start: number; limit: number },
): Promise<{ rows: Row[]; more: boolean; kept: boolean }> {
  const range = (from: string, to: string, count: number): Promise<Row[]> =>
    client.sendCommand<Row[]>(['XRANGE', events, from, to, 'COUNT', `${count}`]);
  const rows: Row[] = [];
  let bytes = 0;
  for (;;) {
    const behind = (rows.at(-1)?.[0] ?? `${start}-0`).replace(/-0$/, '-1');
    const first = start > 0 ? `${start}-0` : rows[0]?.[0];
    const step = rows.length > 0 && bytes / rows.length < SMALL_BYTES ? MANY : FEW;
    const wanted = Math.min(step, limit + 1 - rows.length);
    // Behind the page, on the same connection: answered after it.
    const [found, oldest] = await Promise.all([
      range(behind, '+', wanted),
      first === undefined ? undefined : range(first, first, 1),
    ]);
    const kept = oldest === undefined || oldest.length > 0;
    for (const row of found) {
      bytes += row[1].at(-1)!.length;
      if (rows.length === limit || (rows.length > 0 && bytes > PAGE_BYTES)) return { rows, more: true, kept };
      rows.push(row);
    }
    if (!kept || found.length < wanted) return { rows, more: false, kept };
  }
}
