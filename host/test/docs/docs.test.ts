import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { createTestHost } from '../../src/testing/index.ts';
import { NORTHSTAR, ROOT } from '../acceptance/repository.ts';
import { answered, printed } from './shown-output.ts';
import { blocksOf, linksOf, pages, type Block } from './markdown.ts';

const run = promisify(execFile);
const blocks = pages().flatMap(blocksOf);
const of = (language: string, flag?: string): Block[] =>
  blocks.filter((block) => block.language === language && (flag === undefined || block.flags.includes(flag)));
const where = ({ page, line }: Block): string => `${page}:${line}`;

/** The kinds of blocks, each with what checks it. A block of another kind, or of none, is not allowed in. */
const KINDS: Record<string, readonly string[]> = {
  // `replicas`: run by host/test/replicas, where a Postgres and a Redis can be reached.
  sh: ['run', 'install', 'npm', 'replicas'],
  // `client`: held to what a client must be told, by connection-guide.test.ts. `setting`: parsed.
  json: ['client', 'output', 'schema', 'setting'],
  toml: ['client'],
  yaml: ['spec', 'excerpt', 'schema', 'modeline'],
  // Declarations are made from the sources, and held to them by sdk/test/reference.test.ts.
  ts: ['impl', 'test', 'declaration'],
  // `output`: what the block before printed. `diagram`: nothing that anybody types.
  text: ['output', 'diagram'],
  // `folder`, `muscle`: run in order, with changes (`diff`) and outputs, by author-pages.test.ts.
  console: ['folder', 'muscle', 'client'],
  nginx: ['balancer'],
};
/** Changes of a file, named by the first flag, which only a page with a session can show. */
const isChange = ({ page, language, flags }: Block): boolean =>
  language === 'diff' &&
  flags.length === 1 &&
  of('console').some((block) => block.page === page && ['folder', 'muscle'].some((kind) => block.flags.includes(kind)));

test('[DOC-02] every code block is of a kind that is checked', () => {
  const odd = blocks.filter(
    (block) =>
      !isChange(block) && !block.flags.some((flag) => KINDS[block.language]?.includes(flag.split('=')[0] ?? '')),
  );
  expect(odd.map((block) => `${where(block)} ${block.language} ${block.flags.join(' ')}`)).toEqual([]);
});

test('[DOC-02] every relative link leads somewhere', () => {
  const dead = pages().flatMap((page) =>
    linksOf(page)
      .filter((link) => !existsSync(join(ROOT, dirname(page), link)))
      .map((link) => `${page} -> ${link}`),
  );
  expect(dead).toEqual([]);
});

test('[DOC-02] every fence is one that these tests see, and every output follows what prints it', () => {
  const fences = pages().map((page) => readFileSync(join(ROOT, page), 'utf8').match(/^[ >]*(```|~~~)/gm)?.length ?? 0);
  expect(fences.reduce((sum, count) => sum + count, 0)).toBe(2 * blocks.length);
  const printing = (block: Block | undefined): boolean =>
    block !== undefined &&
    (block.language === 'diff' || ['folder', 'muscle', 'run'].some((flag) => block.flags.includes(flag)));
  const orphans = blocks.filter(
    (block, index) =>
      block.flags.includes('output') && !(printing(blocks[index - 1]) && blocks[index - 1]?.page === block.page),
  );
  expect(orphans.map(where)).toEqual([]);
});

test('[DOC-02] data that pages show is what its schema asks for, and excerpts are what they are taken from', () => {
  const flagged = (flag: string): { block: Block; value: string }[] =>
    blocks.flatMap((block) =>
      block.flags
        .filter((entry) => entry.startsWith(`${flag}=`))
        .map((entry) => ({ block, value: entry.slice(flag.length + 1) })),
    );
  expect(flagged('schema').length).toBeGreaterThan(2);
  for (const { block, value } of flagged('schema')) {
    const schema = JSON.parse(
      readFileSync(join(ROOT, 'registry-data/schemas', `${value}.schema.json`), 'utf8'),
    ) as object;
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    validate(parse(block.text));
    expect(validate.errors ?? [], where(block)).toEqual([]);
  }
  expect(flagged('excerpt').length).toBeGreaterThan(0);
  for (const { block, value } of flagged('excerpt')) {
    const { scopes } = parse(block.text) as { scopes: { name: string }[] };
    const whole = parse(of('yaml', 'spec').find(({ page }) => page === value)?.text ?? '') as typeof block & {
      scopes: { name: string }[];
    };
    for (const scope of scopes)
      expect(
        whole.scopes.find(({ name }) => name === scope.name),
        where(block),
      ).toMatchObject(scope);
  }
  for (const block of of('yaml', 'modeline')) {
    const schema = /\$schema=(\S+)/.exec(block.text)?.[1] ?? 'none';
    expect(existsSync(join(ROOT, 'plugins/echo', schema)), where(block)).toBe(true);
  }
});

const nginx = spawnSync('nginx', ['-v']).error === undefined;
test.skipIf(!nginx)(
  '[DOC-02] nginx takes the configuration that pages show (skipped where it is not installed)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'northstar-nginx-'));
    for (const block of of('nginx')) {
      const file = join(folder, 'nginx.conf');
      await writeFile(file, `pid ${folder}/pid;\nevents {}\nhttp {\n${block.text}}\n`);
      const { stderr } = spawnSync('nginx', ['-t', '-e', join(folder, 'log'), '-c', file], { encoding: 'utf8' });
      expect(stderr, where(block)).toContain('syntax is ok');
    }
    await rm(folder, { recursive: true, force: true });
  },
);

test('[DOC-02] JSON and YAML blocks parse', () => {
  for (const block of of('json')) expect(() => JSON.parse(block.text), where(block)).not.toThrow();
  for (const block of of('yaml'))
    expect(
      parseAllDocuments(block.text).flatMap((document) => ('errors' in document ? document.errors : [])),
      where(block),
    ).toEqual([]);
});

test('[DOC-02] npm commands name scripts that exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const commands = [...of('sh', 'install'), ...of('sh', 'npm')].flatMap((block) =>
    [...block.text.matchAll(/npm (?:run )?([a-z:-]+)/g)].map((match) => match[1] ?? ''),
  );
  expect(commands.length).toBeGreaterThan(2);
  expect(commands.filter((name) => name !== 'ci' && scripts[name] === undefined)).toEqual([]);
});

test('[DOC-02] CI runs exactly what the README tells a person to run', () => {
  const readme = of('sh', 'install')
    .filter(({ page }) => page === 'README.md')
    .map(({ text }) => text.trim());
  expect(readme).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  const ci = readFileSync(join(ROOT, '.ci/run'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('npm '));
  expect(ci.join(' && ')).toBe('npm ci && npm test');
});

describe('muscles that pages show', () => {
  const specs = of('yaml', 'spec');
  let folder: string;
  beforeAll(async () => {
    await mkdir(join(ROOT, 'host/out'), { recursive: true });
    folder = await mkdtemp(join(ROOT, 'host/out/docs-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('[DOC-03] they compile, and the host serves them', async () => {
    const ids: string[] = [];
    for (const spec of specs) {
      const impl = of('ts', 'impl').find((block) => block.page === spec.page);
      const id = /^id: (\w+)/m.exec(spec.text)?.[1] ?? '';
      ids.push(id);
      await mkdir(join(folder, id));
      await writeFile(join(folder, id, 'spec.yaml'), spec.text);
      await writeFile(join(folder, id, 'impl.ts'), impl?.text ?? '');
    }
    expect(ids.length).toBeGreaterThan(1);
    expect(typeErrors(ids.map((id) => join(folder, id, 'impl.ts')))).toEqual([]);
    const host = await createTestHost({ plugins: [folder], muscles: ids });
    expect(host.registry.statuses.map(({ id, state, diagnostics }) => ({ id, state, diagnostics }))).toEqual(
      [...ids].sort().map((id) => ({ id, state: 'active', diagnostics: [] })),
    );
    await host.close();
  });
});

test('[DOC-03] tests that pages show compile with the sources of this repository', async () => {
  await mkdir(join(ROOT, 'host/out'), { recursive: true });
  const folder = await mkdtemp(join(ROOT, 'host/out/docs-tests-'));
  const files = await Promise.all(
    of('ts', 'test').map(async ({ text }, index) => {
      const file = join(folder, `shown-${index}.ts`);
      await writeFile(file, text);
      return file;
    }),
  );
  expect(files.length).toBeGreaterThan(1);
  expect(typeErrors(files)).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

/** An output that follows a command of the same page which runs against the served host. */
function isAnswer(block: Block): boolean {
  const before = blocks[blocks.indexOf(block) - 1];
  return block.flags.includes('output') && before?.language === 'sh' && before.page === block.page;
}

const pagesThatRun = [...new Set(of('sh', 'run').map(({ page }) => page))];

describe.each(pagesThatRun)('commands that %s shows', (page) => {
  const shown = blocks.filter((block) => block.page === page && (block.flags.includes('run') || isAnswer(block)));
  let answer: string;
  let server: ChildProcess;
  let url: string;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'northstar-docs-'));
    const env = {
      ...process.env,
      ENABLED_MUSCLES: 'echo,media_v2',
      NORTHSTAR_PORT: '0',
      NORTHSTAR_DATA_DIR: join(dataDir, 'served'),
    };
    server = spawn(process.execPath, [NORTHSTAR, 'serve'], { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
    url = await new Promise((resolve, reject) => {
      let told = '';
      server.stderr?.on('data', (chunk: Buffer) => {
        told += chunk.toString();
        const ready = /ready at (\S+)/.exec(told)?.[1];
        if (ready !== undefined) resolve(ready);
      });
      server.once('exit', () => reject(new Error(`northstar serve ended: ${told}`)));
    });
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill();
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  });

  test.each(shown.map((block) => ({ name: where(block), block })))(
    '[DOC-04] $name works as it stands',
    async ({ block }) => {
      if (isAnswer(block)) {
        if (block.language === 'json')
          return expect(answered(JSON.parse(answer), JSON.parse(block.text)), answer).toBe(true);
        return expect(printed(answer, block.text), answer).toBe(true);
      }
      const script = block.text.replaceAll('http://127.0.0.1:8787', url);
      const data = { NORTHSTAR_DATA_DIR: join(dataDir, 'commands'), NORTHSTAR_PORT: new URL(url).port };
      const { stdout } = await run('bash', ['-ec', script], { cwd: ROOT, env: { ...process.env, ...data } });
      answer = stdout;
      const expected = block.flags.find((flag) => flag.startsWith('fails='))?.slice('fails='.length);
      if (expected === undefined) expect(stdout).not.toContain('"http_status"');
      else expect(stdout).toContain(`"http_status":${expected}`);
    },
  );
});

/** What the TypeScript compiler says about these files under the repository's own settings. */
function typeErrors(files: string[]): string[] {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, ROOT);
  const program = ts.createProgram(files, options);
  return ts
    .getPreEmitDiagnostics(program)
    .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}
