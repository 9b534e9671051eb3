import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIAGNOSTIC_CODES } from '@northstar/sdk/bind';
import { expect, test } from 'vitest';
import { LOAD_CODES } from './load-codes.ts';

test('[DOC-05] the reference page lists every diagnostic code with its meaning, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/diagnostics.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `([a-z._0-9]+)` +\| (.+?) +\|$/gm)].map((match) => [match[1], match[2]]);
  expect(Object.fromEntries(documented)).toEqual({ ...DIAGNOSTIC_CODES, ...LOAD_CODES });
});
