import { describe, expect, it } from 'vitest';
import { isArtifactId, isAssetId, newId } from './ids.ts';

describe('ids', () => {
  it('sort the newest first in byte order', () => {
    const times = [0, 1, 1_700_000_000_000, 1_700_000_000_001, 4_000_000_000_000];
    const ids = times.map((time) => newId('ast', time));
    expect([...ids].sort()).toEqual([...ids].reverse());
  });

  it('are 26 letters and digits, and differ within one millisecond', () => {
    const ids = new Set(Array.from({ length: 2000 }, () => newId('art', 1_700_000_000_000)));
    expect(ids.size).toBe(2000);
    expect([...ids].every(isArtifactId)).toBe(true);
  });

  it.each(['', 'ast_', '__proto__', 'constructor', '../secret', 'ast_../../x', `ast_${'u'.repeat(26)}`, 'ast_\u0000'])(
    'are never "%s"',
    (text) => {
      expect(isAssetId(text)).toBe(false);
      expect(isArtifactId(text)).toBe(false);
    },
  );

  it('are not recognized with something before or after them', () => {
    const id = newId('ast');
    expect([isAssetId(id), isAssetId(`${id}\n`), isAssetId(`${id}/x`), isAssetId(` ${id}`)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
