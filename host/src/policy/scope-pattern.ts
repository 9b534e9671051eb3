import { z } from 'zod';

/** A scope (`media_v2.create_asset`), every scope of a namespace (`media_v2.*`), or every scope (`*`). */
export const ScopePattern = z
  .string()
  .max(128)
  .regex(/^(\*|[^\s*]+(\.\*)?)$/, 'a scope, a namespace with .*, or *');

export function matchesScope(pattern: string, action: string): boolean {
  if (pattern === '*' || pattern === action) return true;
  return pattern.endsWith('.*') && action.startsWith(pattern.slice(0, -1));
}

/** Of the patterns that match, the one that says most: the scope itself, then the longest namespace, then `*`. */
export function narrowestPattern(patterns: Iterable<string>, action: string): string | undefined {
  let found: string | undefined;
  for (const pattern of patterns) {
    if (pattern === action) return pattern;
    if (matchesScope(pattern, action) && (found === undefined || pattern.length > found.length)) found = pattern;
  }
  return found;
}
