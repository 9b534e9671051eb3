import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runCommand } from '../run-command.ts';

export interface FoundInspector {
  readonly version: string;
  /** The node to run it with. */
  readonly node: string;
  readonly entry: string;
}

const VERSION = '2.12.0';
const MODULE = '@modelcontextprotocol/inspector';
/** It asks for Node 22.19 or later. */
const NODE = 'node@24';
const PRINT_PLACE = 'console.log(JSON.stringify({ node: process.execPath, path: process.env.PATH }))';

/** Has npx fetch the Inspector and a Node that it runs on, once for all calls. Answers why when npx cannot. */
export async function findInspector(cwd: string): Promise<FoundInspector | { readonly reason: string }> {
  const { status, stdout, stderr } = await runCommand(
    'npx',
    ['-y', '-p', NODE, '-p', `${MODULE}@${VERSION}`, '--', 'node', '-e', PRINT_PLACE],
    {
      cwd,
      timeoutMs: 180_000,
      // Without a registry it should say so soon.
      env: { ...process.env, npm_config_fetch_retries: '1', npm_config_fetch_retry_mintimeout: '1000' },
    },
  ).catch((error: Error) => ({ status: -1, stdout: '', stderr: error.message }));
  if (status !== 0) return { reason: `npx cannot fetch ${MODULE}@${VERSION}: ${npmReason(stderr)}` };
  const { node, path } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { node: string; path: string };
  const [bin = ''] = path.split(delimiter);
  const home = join(bin, '..', ...MODULE.split('/'));
  const manifest = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as {
    version: string;
    bin: Record<string, string>;
  };
  return { version: manifest.version, node, entry: join(home, manifest.bin['mcp-inspector'] ?? '') };
}

/** The lines of npm that say what went wrong, without addresses of the reader's own network. */
function npmReason(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /^npm (error|ERR!)/.test(line));
  const told = lines.map((line) => line.replace(/^npm (error|ERR!) ?/, '')).filter((line) => !line.includes('log of'));
  return (
    told
      .slice(0, 2)
      .join('; ')
      .replace(/https?:\/\/\S+/g, 'the registry') ||
    stderr.trim().slice(0, 200) ||
    'no reason given'
  );
}
