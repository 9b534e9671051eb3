export const DEFAULT_PAGE = 100;
export const MAX_PAGE = 1000;

/** The page size to use. Anything but 1 to 1000 is a bug of the caller: a silently smaller page would look complete. */
export function pageLimit(limit: number | undefined): number {
  if (limit === undefined) return DEFAULT_PAGE;
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return limit;
  throw new RangeError(`limit is ${limit}: a whole number from 1 to ${MAX_PAGE} is expected.`);
}
