import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIAGNOSTIC_CODES, parseSpec } from '../src/bind/index.ts';
import { BROKEN } from './broken-expectations.ts';
import { loadFixture } from './load-fixture.ts';

const folders = readdirSync(new URL('./fixtures/broken/', import.meta.url)).filter((name) => !name.startsWith('.'));

/** Defects of a whole file that would be odd to keep in a repository. */
const GENERATED = {
  'spec.too_large': `id: big\nsummary: ${'x'.repeat(256 * 1024)}\n`,
  'spec.too_many_problems': `id: noisy\n${Array.from({ length: 400 }, (_, index) => `key${index}: 1\n`).join('')}`,
};

describe('[BIND-02] every defect has file, line, column and a fix', () => {
  it.each(BROKEN)('%s is reported as %s at %s with its fix', async (folder, code, place, fix) => {
    const { muscle, diagnostics } = await loadFixture('broken', folder);
    expect(diagnostics).toHaveLength(1);
    const [found] = diagnostics;
    expect(found?.code).toBe(code);
    expect(`${found?.line}:${found?.column}`).toBe(place);
    expect(found?.message).toMatch(fix);
    expect(found?.file).toBe(code === 'bind.lifecycle_not_a_function' ? 'impl.ts' : 'spec.yaml');
    expect(found?.severity).toBe(code === 'spec.unknown_key' ? 'warning' : 'error');
    expect(muscle === undefined).toBe(found?.severity === 'error');
  });

  it.each(Object.entries(GENERATED))('%s is reported for a file made for it', (code, text) => {
    const { spec, diagnostics } = parseSpec({ text, file: 'spec.yaml' });
    expect(spec).toBeUndefined();
    expect(diagnostics.map((found) => found.code)).toContain(code);
    expect(diagnostics.length).toBeLessThanOrEqual(201);
  });

  it('has an expectation for every broken fixture', () => {
    expect(BROKEN.map(([folder]) => folder).sort()).toEqual([...folders].sort());
  });

  it('has a fixture for every code in the table', () => {
    const covered = new Set<string>([...BROKEN.map(([, code]) => code), ...Object.keys(GENERATED)]);
    expect(Object.keys(DIAGNOSTIC_CODES).filter((code) => !covered.has(code))).toEqual([]);
  });

  it('emits the codes of the table and no others', () => {
    const source = new URL('../src/bind/', import.meta.url);
    const files = readdirSync(source).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'diagnostic-codes.ts',
    );
    const text = files.map((name) => readFileSync(new URL(name, source), 'utf8')).join('\n');
    const emitted = new Set([...text.matchAll(/'((?:spec|bind)\.[a-z_]+)'/g)].map((match) => match[1]));
    expect([...emitted].sort()).toEqual(Object.keys(DIAGNOSTIC_CODES).sort());
  });

  it('turns an unknown key into an error in strict mode', async () => {
    const { muscle, diagnostics } = await loadFixture('broken', 'unknown_key', true);
    expect(muscle).toBeUndefined();
    expect(diagnostics).toMatchObject([{ severity: 'error', code: 'spec.unknown_key', line: 8, column: 5 }]);
  });
});
