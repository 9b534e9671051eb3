import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { expectCode } from '../contract/contract-kit.ts';
import { tempFolder, type TempFolder } from '../contract/temp-folder.ts';
import { importClient } from './import-client.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

/** A package with these lines, as Node itself loads it. */
async function installed(name: string, file: string, lines: string): Promise<() => Promise<unknown>> {
  const path = join(folder.path, 'node_modules', name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'package.json'), JSON.stringify({ name, version: '1.0.0', main: file }));
  await writeFile(join(path, file), lines);
  return () => import(/* @vite-ignore */ pathToFileURL(join(path, file)).href);
}

it('names the package that is missing and the command that installs it', async () => {
  const load = await installed('host', 'host.mjs', "export default await import('@acme/client');");
  const { message, cause } = await expectCode('unavailable', importClient('Acme', '@acme/client', load));
  expect(message).toBe(
    'The Acme engine needs the package @acme/client; install it beside the host: npm install @acme/client',
  );
  expect(cause).toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
});

it.each([
  ['a module', 'index.mjs', "import '@acme/part/sub';", '@acme/part'],
  ['a CommonJS module', 'index.cjs', "require('acme-part');", 'acme-part'],
  ['a file of its own', 'index.cjs', "require('./lost.js');", './lost.js'],
])('tells a client that is there but lacks %s, from one that is not', async (_, file, lines, lacks) => {
  const load = await installed('@acme/client', file, lines);
  const { message } = await expectCode('unavailable', importClient('Acme', '@acme/client', load));
  const found = `The Acme engine found the package @acme/client, but not ${lacks}, which that one needs`;
  expect(message).toBe(`${found}: install it again beside the host: npm install @acme/client`);
});

it('passes on the module, and any other failure as it is', async () => {
  expect(await importClient('s3', 'x', async () => 7)).toBe(7);
  await expect(importClient('s3', 'x', () => Promise.reject(new SyntaxError('bad')))).rejects.toThrow(SyntaxError);
});
