import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseSpec } from '../src/bind/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const schema = JSON.parse(readFileSync(join(ROOT, 'registry-data/schemas/muscle-spec.schema.json'), 'utf8')) as object;
const fits = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(schema);

function specFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map((path) => join(ROOT, folder, String(path)))
    .filter((path) => basename(path) === 'spec.yaml' && !path.includes('node_modules'));
}

test('[BIND-05] the published schema of spec.yaml accepts every muscle that the binder accepts', () => {
  const files = ['plugins', 'sdk/test/fixtures/good', 'host/test/conformance/muscles'].flatMap(specFiles);
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) {
    expect(fits(parse(readFileSync(file, 'utf8'))), `${file} ${JSON.stringify(fits.errors)}`).toBe(true);
  }
});

test('[BIND-05] what the published schema refuses, the binder refuses or warns about too', () => {
  const refused = specFiles('sdk/test/fixtures/broken').filter((file) => {
    try {
      return !fits(parse(readFileSync(file, 'utf8'), { maxAliasCount: 20 }));
    } catch {
      // Not YAML at all: nothing for a schema to say.
      return false;
    }
  });
  expect(refused.length).toBeGreaterThan(20);
  for (const file of refused) {
    const { diagnostics } = parseSpec({ text: readFileSync(file, 'utf8'), file, folderName: basename(dirname(file)) });
    expect(diagnostics.length, file).toBeGreaterThan(0);
  }
});
