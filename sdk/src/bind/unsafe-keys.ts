/** Levels that arguments may nest. Far beyond real inputs, far below what a validator's recursion can take. */
export const MAX_ARGUMENT_DEPTH = 128;

/** Keys through which an assignment reaches an object's prototype instead of the object. */
export function isUnsafeKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

/**
 * Finds what no validator may be handed: an own key that pollutes prototypes in careless merges, or nesting that
 * overflows the stack. Runs on every call, so it allocates only when it found something. Gives the path to the place.
 */
export function findUnsafe(value: unknown): { path: string[]; problem: 'key' | 'depth' } | undefined {
  return walk(value, 0);
}

function walk(value: unknown, depth: number): { path: string[]; problem: 'key' | 'depth' } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MAX_ARGUMENT_DEPTH) return { path: [], problem: 'depth' };
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = walk(value[index], depth + 1);
      if (found) return { ...found, path: [String(index), ...found.path] };
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    if (isUnsafeKey(key)) return { path: [key], problem: 'key' };
    const found = walk((value as Record<string, unknown>)[key], depth + 1);
    if (found) return { ...found, path: [key, ...found.path] };
  }
  return undefined;
}
