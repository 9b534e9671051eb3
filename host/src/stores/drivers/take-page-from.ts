/** Characters of JSON in one page. A page of 1000 records of a megabyte each would otherwise be a gigabyte in memory. */
export const PAGE_CHARS = 16 * 1024 * 1024;

/**
 * Rows up to the limit, or up to the size of a page; always one at least. `more` says whether rows were left. Stops
 * reading there, so that an engine that streams sends no more.
 */
export async function takePageFrom<Row>(
  rows: AsyncIterable<Row>,
  limit: number,
  charsOf: (row: Row) => number,
): Promise<{ rows: Row[]; more: boolean }> {
  const taken: Row[] = [];
  let chars = 0;
  for await (const row of rows) {
    chars += charsOf(row);
    if (taken.length === limit || (taken.length > 0 && chars > PAGE_CHARS)) return { rows: taken, more: true };
    taken.push(row);
  }
  return { rows: taken, more: false };
}
