import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { copyWorkspace, emptyFolder, removeFolder } from '../test/author/packed-packages.ts';
import { runNode, runNpm, type Ended } from '../test/author/run-command.ts';
import { ROOT } from '../test/acceptance/repository.ts';
import { firstGovernedCall, startDev, stop } from './author-host.ts';

const HELP = `Usage: npm run bench:author

Wall time from create-muscle to the first governed call that a real MCP client makes of the new tool, with no edit in
between: in a package of its own, installed from the npm cache, and in a workspace whose host runs already.
Exits with 1 when either takes 60 seconds or longer. --json prints the result as JSON.`;

const LIMIT_MS = 60_000;
const ID = 'my_tool';
const CREATE = join(ROOT, 'sdk/bin/create-muscle.js');

interface Row {
  readonly what: string;
  /** What a person types, in order. */
  readonly commands: readonly string[];
  /** Milliseconds by phase. */
  readonly phases: { readonly [phase: string]: number };
  readonly totalMs: number;
}

/** Runs the phases one after the other and times each. */
async function timed(phases: {
  readonly [phase: string]: () => Promise<unknown>;
}): Promise<Pick<Row, 'phases' | 'totalMs'>> {
  const took: { [phase: string]: number } = {};
  for (const [phase, run] of Object.entries(phases)) {
    const start = performance.now();
    await run();
    took[phase] = Math.round(performance.now() - start);
  }
  return { phases: took, totalMs: Object.values(took).reduce((sum, ms) => sum + ms, 0) };
}

async function inOwnPackage(dir: string): Promise<Row> {
  // Our packages stand in no registry while they are developed: npm takes them as the tarballs that it would publish.
  succeed(
    await runNpm(
      ['pack', '-w', '@northstar/sdk', '-w', '@northstar/host', '--pack-destination', dir, '--silent'],
      ROOT,
    ),
  );
  const tarballs = (await readdir(dir)).filter((file) => file.endsWith('.tgz')).map((file) => join(dir, file));
  const install = (folder: string): Promise<Ended> =>
    runNpm(['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], join(dir, folder, ID));
  // Once before the clock runs: the packages have to be in the npm cache.
  succeed(await runNode(CREATE, [ID, '--in', join(dir, 'warm-up'), '--layout', 'package'], dir));
  succeed(await install('warm-up'));
  let host: Awaited<ReturnType<typeof startDev>> | undefined;
  try {
    const measured = await timed({
      create: async () => succeed(await runNode(CREATE, [ID, '--template', 'basic', '--in', join(dir, 'timed')], dir)),
      install: async () => succeed(await install('timed')),
      start: async () => {
        const muscle = join(dir, 'timed', ID);
        host = await startDev(join(muscle, 'node_modules/@northstar/host/bin/northstar.js'), muscle);
      },
      call: async () => host && firstGovernedCall(host.url, ID),
    });
    const commands = [`npm create muscle ${ID} -- --template basic`, `cd ${ID} && npm install`, 'npx northstar dev'];
    return { what: 'a package of its own', commands, ...measured };
  } finally {
    if (host) await stop(host);
  }
}

async function inRunningWorkspace(dir: string): Promise<Row> {
  await copyWorkspace(dir);
  const host = await startDev(join(ROOT, 'host/bin/northstar.js'), dir);
  try {
    const measured = await timed({
      create: async () => succeed(await runNode(CREATE, [ID, '--template', 'basic'], dir)),
      'take up and call': () => firstGovernedCall(host.url, ID),
    });
    return {
      what: 'a workspace whose northstar dev runs',
      commands: [`npx create-muscle ${ID} --template basic`],
      ...measured,
    };
  } finally {
    await stop(host);
  }
}

function succeed({ status, stderr }: Ended): void {
  if (status !== 0) throw new Error(`a command failed: ${stderr}`);
}

function table(rows: readonly Row[]): string {
  return rows
    .map(({ what, commands, phases, totalMs }) =>
      [
        `${what}: ${(totalMs / 1000).toFixed(1)} s, ${commands.length} command${commands.length === 1 ? '' : 's'} typed`,
        ...commands.map((command) => `  $ ${command}`),
        ...Object.entries(phases).map(([phase, ms]) => `  ${phase.padEnd(17)} ${String(ms).padStart(6)} ms`),
      ].join('\n'),
    )
    .join('\n\n');
}

if (process.argv.includes('--help')) console.log(HELP);
else {
  const folders = [await emptyFolder('bench-author'), await emptyFolder('bench-author')] as const;
  try {
    const rows = [await inOwnPackage(folders[0]), await inRunningWorkspace(folders[1])];
    console.log(process.argv.includes('--json') ? JSON.stringify({ rows }, null, 2) : table(rows));
    if (rows.some(({ totalMs }) => totalMs >= LIMIT_MS)) process.exitCode = 1;
  } finally {
    await Promise.all(folders.map(removeFolder));
  }
}
