import { readFileSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { readBacklog } from '../../src/cli/backlog/backlog-file.ts';
import { createTestHost } from '../../src/testing/index.ts';
import { NORTHSTAR, PLUGINS, ROOT } from '../acceptance/repository.ts';
import { lintFindings, typeErrors, unformatted } from './check-project.ts';
import { copyWorkspace, emptyFolder, removeFolder } from './packed-packages.ts';
import { runNode, type Ended } from './run-command.ts';

// Compilers and linters run in here, beside the other tests.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const SHIPPED = join(ROOT, 'registry-data/muscle-backlog.tsv');

let dir: string;
beforeAll(async () => {
  dir = await emptyFolder('backlog');
  await copyWorkspace(dir);
  await mkdir(join(dir, 'registry-data'));
  await cp(SHIPPED, join(dir, 'registry-data/muscle-backlog.tsv'));
});
afterAll(() => removeFolder(dir));

const backlog = (...args: string[]): Promise<Ended> => runNode(NORTHSTAR, ['backlog', ...args], dir);

test('[AUTHOR-14] the shipped backlog says of every enabled muscle what its spec says', async () => {
  const rows = (await readBacklog(SHIPPED)).filter(({ status }) => status === 'enabled');
  const wrapped: Record<string, string[]> = {};
  for (const { muscle_id, scopes } of rows) (wrapped[muscle_id] ??= []).push(...scopes);
  expect(Object.keys(wrapped).length).toBeGreaterThan(1);
  for (const [id, scopes] of Object.entries(wrapped)) {
    const spec = parse(readFileSync(join(PLUGINS, id, 'spec.yaml'), 'utf8')) as { scopes: { name: string }[] };
    expect(scopes.sort(), id).toEqual(spec.scopes.map(({ name }) => name).sort());
  }
});

test('[AUTHOR-15] next names the rows that nobody has begun', async () => {
  const { rows } = JSON.parse((await backlog('next', '--kind', 'read', '--count', '2', '--json')).stdout) as {
    rows: { muscle_id: string; status: string; kind: string }[];
  };
  expect(rows.map(({ status, kind }) => ({ status, kind }))).toEqual(
    [1, 2].map(() => ({ status: 'todo', kind: 'read' })),
  );
});

test('[AUTHOR-15] from the backlog to a muscle that is served: pick, scaffold, check, enable', async () => {
  const picked = JSON.parse((await backlog('next', '--json')).stdout) as { rows: { muscle_id: string }[] };
  const id = picked.rows[0]?.muscle_id ?? '';
  const scaffolded = JSON.parse((await backlog('scaffold', '--json')).stdout) as {
    muscle_id: string;
    dir: string;
    scopes: string[];
  };
  expect(scaffolded).toMatchObject({ muscle_id: id, dir: join(dir, 'plugins', id) });
  expect(typeErrors(scaffolded.dir, dir)).toEqual([]);
  expect(await lintFindings(scaffolded.dir, dir)).toEqual([]);
  expect(await unformatted(scaffolded.dir)).toEqual([]);
  expect(await runNode(join(ROOT, 'node_modules/vitest/vitest.mjs'), ['run', 'plugins'], dir)).toMatchObject({
    status: 0,
  });

  const host = await createTestHost({ plugins: [join(dir, 'plugins')], muscles: [id] });
  expect(host.registry.statuses).toMatchObject([{ id, state: 'active', diagnostics: [] }]);
  const headers = { ...host.headers, 'Content-Type': 'application/json' };
  for (const scope of scaffolded.scopes) {
    const answer = await fetch(`${host.url}/tools/${scope}`, { method: 'POST', headers, body: '{}' });
    expect(await answer.json()).toMatchObject({ error: { code: `${id}.not_implemented`, http_status: 501 } });
  }
  await host.close();

  await backlog('status', id, 'enabled');
  const { rows } = JSON.parse((await backlog('status', id, '--json')).stdout) as { rows: { status: string }[] };
  expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['enabled']));
  const next = JSON.parse((await backlog('next', '--json')).stdout) as { rows: { muscle_id: string }[] };
  expect(next.rows[0]?.muscle_id).not.toBe(id);
});

test.each(['job', 'stream'])(
  '[AUTHOR-15] a row of kind %s is scaffolded to a scope that the host serves',
  async (kind) => {
    const [id, scope] = [`later_${kind}`, `later_${kind}.run`];
    const rows = `muscle_id\tscopes\tkind\tneeds_gatechain\tstatus\n${id}\t${scope}\t${kind}\ttrue\ttodo\n`;
    await writeFile(join(dir, `${kind}.tsv`), rows);
    const made = await backlog('scaffold', id, '--file', `${kind}.tsv`, '--json');
    const { dir: muscle } = JSON.parse(made.stdout) as { dir: string };
    expect(typeErrors(muscle, dir)).toEqual([]);
    expect(await lintFindings(muscle, dir)).toEqual([]);
    expect(await unformatted(muscle)).toEqual([]);
    const host = await createTestHost({ plugins: [join(dir, 'plugins')], muscles: [id] });
    const headers = { ...host.headers, 'Content-Type': 'application/json' };
    const ask = async (name: string, body: object): Promise<unknown> =>
      (await fetch(`${host.url}/tools/${name}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    let answer = (await ask(scope, {})) as { job_id?: string };
    while (answer.job_id !== undefined && (answer as { state?: string }).state === 'running')
      answer = (await ask(`${scope}.status`, { job_id: answer.job_id })) as { job_id: string };
    await host.close();
    expect(answer).toMatchObject({ error: { code: `${id}.not_implemented` } });
  },
);

test.each([
  { args: ['next', '--kind', 'big'], says: '--kind is one of read, write, job, stream, not "big".' },
  { args: ['scaffold', 'echo'], says: 'No row of echo is todo' },
  { args: ['status', 'nobody'], says: 'has no row of nobody' },
  { args: ['status', 'echo', 'finished'], says: 'status is one of todo' },
  { args: ['next', '--file', 'nowhere.tsv'], says: 'nowhere.tsv cannot be read' },
  { args: ['next', '--file', 'odd.tsv'], says: 'odd.tsv:2: kind is one of read' },
])('[AUTHOR-15] backlog $args fails with one line that says what to do', async ({ args, says }) => {
  await writeFile(join(dir, 'odd.tsv'), 'muscle_id\tscopes\tkind\tneeds_gatechain\tstatus\nx\tx.y\tbig\ttrue\ttodo\n');
  const before = await readFile(join(dir, 'registry-data/muscle-backlog.tsv'), 'utf8');
  const { status, stderr } = await backlog(...args);
  expect(status).toBe(1);
  expect(stderr).toContain(says);
  expect(stderr.trim()).not.toContain('\n');
  expect(await readFile(join(dir, 'registry-data/muscle-backlog.tsv'), 'utf8')).toBe(before);
});
