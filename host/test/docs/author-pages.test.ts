import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startLoopbackRegistry, type LoopbackRegistry } from '../author/loopback-registry.ts';
import { emptyFolder, removeFolder } from '../author/packed-packages.ts';
import { writeShownMuscle } from './shown-muscles.ts';
import { blocksOf, pages, type Block } from './markdown.ts';
import { PageSession } from './page-session.ts';
import { ROOT } from '../acceptance/repository.ts';

// npm installs, compilers and linters run in here, beside the other tests.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const TUTORIAL = 'docs/tutorials/first-muscle.md';

/** What a session does: commands, changes of files, and what is printed. */
const isStep = (block: Block, index: number, all: readonly Block[]): boolean =>
  ['diff', 'console'].includes(block.language) || (block.flags.includes('output') && all[index - 1]?.language !== 'sh');

/** Pages with commands of this kind, and everything on them that a session does, in order. */
function pagesFor(kind: 'folder' | 'muscle'): { page: string; steps: Block[] }[] {
  return pages()
    .map((page) => ({ page, steps: blocksOf(page).filter(isStep) }))
    .filter(({ steps }) => steps.some(({ language, flags }) => language === 'console' && flags.includes(kind)));
}

let home: string;
let registry: LoopbackRegistry;
/** The tutorial's muscle, kept as it is once installed; pages that begin in a muscle begin in a copy. */
let made: string;

const open = async (folder: string): Promise<PageSession> => {
  await mkdir(folder, { recursive: true });
  return PageSession.open(folder, {
    HOME: join(home, 'home'),
    npm_config_registry: registry.url,
    npm_config_cache: join(home, 'cache'),
    npm_config_update_notifier: 'false',
  });
};

const copy = (from: string, to: string): Promise<void> => cp(from, to, { recursive: true, verbatimSymlinks: true });

beforeAll(async () => {
  home = await emptyFolder('pages');
  await mkdir(join(home, 'home'));
  await mkdir(join(home, 'tarballs'));
  registry = await startLoopbackRegistry(join(home, 'tarballs'));
  made = join(home, 'made', 'my_tool');
});
afterAll(async () => {
  await registry?.close();
  await removeFolder(home);
});

describe.each(pagesFor('folder'))('$page, followed in an empty folder', ({ page, steps }) => {
  let session: PageSession;
  beforeAll(async () => (session = await open(join(home, 'followed', page))));
  afterAll(() => session.close());
  let client: Watcher | undefined;
  test.each(numbered(steps))('[DOC-07] $name', async ({ block }) => {
    if (page === TUTORIAL && block.language === 'diff') client = await watch(session);
    await session.follow(block);
    if (page === TUTORIAL && block.language === 'console' && block.text.includes('npm install'))
      await copy(session.folder, made);
  });
  if (page !== TUTORIAL) return;
  test('[DOC-07] a real MCP client saw the change and calls the changed tool', async () => {
    const { tools } = (await client?.client.listTools()) ?? { tools: [] };
    expect(client?.heard).toBeGreaterThan(0);
    expect(JSON.stringify(tools.find(({ name }) => name === 'my_tool_hello')?.inputSchema)).toContain('"it"');
    const call = { name: 'my_tool_hello', arguments: { name: 'Ada', language: 'it' } };
    expect((await client?.client.callTool(call))?.structuredContent).toEqual({
      greeting: 'Ciao, Ada!',
      tenant_id: 't_demo',
    });
    await client?.client.close();
  });
});

describe.each(pagesFor('muscle'))('$page, followed in the folder of a muscle', ({ page, steps }) => {
  let session: PageSession;
  beforeAll(async () => {
    const folder = join(home, 'followed', page, 'my_tool');
    await copy(made, folder);
    session = await open(folder);
  });
  afterAll(() => session.close());
  test.each(numbered(steps))('[DOC-07] $name', ({ block }) => session.follow(block));
});

test('[DOC-03] tests that pages show pass beside the muscle that pages show', async () => {
  const folder = join(home, 'shown', 'notebook');
  const tests = pages()
    .flatMap(blocksOf)
    .filter(({ language, flags }) => language === 'ts' && flags.includes('test'));
  expect(tests.length).toBeGreaterThan(2);
  await copy(made, folder);
  await writeShownMuscle(folder, tests);
  const clients = join(folder, 'node_modules/@modelcontextprotocol');
  await symlink(join(ROOT, 'node_modules/@modelcontextprotocol/client'), join(clients, 'client'), 'junction');
  const session = await open(folder);
  const command = { page: '', line: 0, language: 'console', flags: [], text: 'npm test && npm run typecheck' };
  await session.follow(command);
  await session.follow({
    ...command,
    language: 'text',
    text: ` Test Files  ${tests.length} passed (${tests.length})`,
  });
  await session.close();
});

function numbered(steps: readonly Block[]): { name: string; block: Block }[] {
  return steps.map((block) => {
    const what = block.flags.includes('output') ? 'is what is printed' : (block.text.split('\n')[0] ?? '');
    return { name: `line ${block.line}: ${block.language === 'diff' ? `change ${block.flags[0]}` : what}`, block };
  });
}

interface Watcher {
  readonly client: Client;
  /** How often it was told that the list of tools changed. */
  heard: number;
}

async function watch(session: PageSession): Promise<Watcher> {
  const client = new Client({ name: 'reader', version: '1.0.0' });
  const watcher: Watcher = { client, heard: 0 };
  client.setNotificationHandler('notifications/tools/list_changed', () => void watcher.heard++);
  const headers = { 'X-Mode': 'lab', 'X-Tenant-Id': 't_demo', 'X-Project-Id': 'p_demo' };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${session.url}/mcp`), { requestInit: { headers } }));
  return watcher;
}
