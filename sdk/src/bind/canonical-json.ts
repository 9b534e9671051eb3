import { hash } from 'node:crypto';

/** Hex SHA-256 of a value's canonical JSON: object keys sorted, so that equal facts have equal digests. */
export function sha256OfJson(value: unknown): string {
  return hash('sha256', canonicalJson(value));
}

/** Refused arguments are digested too, and those may nest as deep as a body is long. */
const MAX_DEPTH = 256;

/**
 * JSON with sorted keys. `undefined` members are left out, and what knows its own JSON form says it, as with
 * JSON.stringify; a checked argument may be a Date or a bigint. What nests too deep counts as one and the same.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (typeof value === 'bigint') return `"${value}n"`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (depth > MAX_DEPTH) return '"(nested too deep)"';
  if ('toJSON' in value && typeof value.toJSON === 'function') return canonicalJson(value.toJSON(), depth + 1);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}
