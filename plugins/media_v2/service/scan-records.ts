import type { Json, TabularCapability } from '@northstar/sdk';
import { decodeCursor, encodeCursor } from './page-cursor.ts';

const READ_SIZE = 200;
/** A filter that matches nothing must not read a whole store in one call. */
const MAX_READS = 10;

interface Scan<T> {
  readonly prefix: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Keeps every record when left out. */
  readonly matches?: (value: T) => boolean;
}

/**
 * One page of the records under a prefix, in key order. A store's own cursor stands at the end of what was read, but a
 * filter may fill the page in the middle of it; hence our cursor also says after which key to go on. A page may be
 * short, even empty, and have a cursor all the same: only a page without one is the last.
 */
export async function scanRecords<T extends Json>(
  tabular: TabularCapability,
  { prefix, limit, cursor, matches }: Scan<T>,
): Promise<{ values: T[]; nextCursor?: string }> {
  const values: T[] = [];
  const from = decodeCursor(cursor);
  let { page } = from;
  for (let reads = 0; reads < MAX_READS && values.length < limit; reads++) {
    const read = await tabular.list<T>({ prefix, limit: matches ? READ_SIZE : limit, ...(page && { cursor: page }) });
    for (const [index, { key, value }] of read.items.entries()) {
      // Newer records may have pushed what was read before into later pages.
      if ((from.after !== undefined && key <= from.after) || matches?.(value) === false) continue;
      values.push(value);
      const more = index + 1 < read.items.length;
      if (values.length === limit && more) return { values, nextCursor: encodeCursor({ page, after: key }) };
    }
    if (read.cursor === undefined) return { values };
    page = read.cursor;
  }
  return { values, nextCursor: encodeCursor({ ...from, page }) };
}
