import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sourceFiles } from '../../test/architecture/source-files.ts';
import { ERROR_TABLE } from './error-table.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/errors.md'), 'utf8');

test('[DOC-01] the reference page lists every error code with its status, and no other', () => {
  const documented = [...page.matchAll(/^\| `([^`]+)` +\| +(\d{3}) +\| +(yes|no) /gm)].map(
    ([, code, status, retry]) => [code, Number(status), retry === 'yes'],
  );
  const table = Object.entries(ERROR_TABLE).map(([code, row]) => [code, row.status, row.retryable]);
  expect(documented).toEqual(table);
});

test('[DOC-01] every error code of the table is given out somewhere', () => {
  const source = sourceFiles(['host/src'])
    .filter(({ path }) => !path.endsWith('error-table.ts'))
    .map(({ text }) => text)
    .join('\n');
  const unused = Object.keys(ERROR_TABLE).filter((code) => !source.includes(`'${code}'`));
  expect(unused).toEqual([]);
});
