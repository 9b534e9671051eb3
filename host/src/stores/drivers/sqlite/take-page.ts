/** Characters of JSON in one page. A page of 1000 records of 4 MiB each would otherwise be 4 GB in memory. */
const PAGE_CHARS = 16 * 1024 * 1024;

/** Rows up to the limit, or up to the size of a page; always one at least. `more` says whether rows were left. */
export function takePage<Row extends { readonly json: string }>(
  rows: Iterable<Row>,
  limit: number,
): { rows: Row[]; more: boolean } {
  const taken: Row[] = [];
  let chars = 0;
  for (const row of rows) {
    chars += row.json.length;
    if (taken.length === limit || (taken.length > 0 && chars > PAGE_CHARS)) return { rows: taken, more: true };
    taken.push(row);
  }
  return { rows: taken, more: false };
}
