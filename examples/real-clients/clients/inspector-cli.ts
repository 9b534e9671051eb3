import assert from 'node:assert/strict';
import type { CallOutcome, RealClient, Target } from '../client-session.ts';
import { linksOf, refusalFromResult, textOf } from '../read-refusal.ts';
import { runCommand } from '../run-command.ts';
import type { FoundInspector } from './find-inspector.ts';

interface Answer {
  readonly status: number;
  readonly result: Record<string, unknown>;
  readonly error: { readonly code: string; readonly message: string; readonly status?: number } | undefined;
}

/** The MCP Inspector on the command line: every request is a process, so every request is a connection of its own. */
export function inspectorCli(inspector: FoundInspector, home: string): RealClient {
  return {
    name: `Inspector CLI ${inspector.version}`,
    id: 'inspector',
    revision: 'auto',
    open: async (target) => {
      const ask = (...request: string[]): Promise<Answer> =>
        askInspector(inspector, home, [...reach(target), ...request]);
      return {
        // It does not tell which revision it agreed on.
        revision: 'auto',
        async toolNames() {
          const { status, result, error } = await ask('--method', 'tools/list');
          assert.equal(status, 0, `tools/list: exit ${status} ${error?.message}`);
          return (result.tools as { name: string }[]).map((tool) => tool.name);
        },
        async call(name, args) {
          const request = ['--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)];
          return outcomeOf(await ask(...request), name);
        },
        async readText(uri) {
          const { status, result, error } = await ask('--method', 'resources/read', '--uri', uri);
          assert.equal(status, 0, `resources/read: exit ${status} ${error?.message}`);
          return textOf(result as { contents: unknown[] });
        },
        close: async () => undefined,
      };
    },
  };
}

/**
 * It takes a JSON-RPC error 403 for a missing sign-in: exit 3 and `auth_required`, with the message kept and the
 * envelope lost. A result with isError is printed whole, with exit 5.
 */
function outcomeOf({ status, result, error }: Answer, name: string): CallOutcome {
  if (status === 0) {
    const content = result.content as unknown[];
    return { kind: 'answer', structured: result.structuredContent, links: linksOf(content) };
  }
  if (status === 3 && error?.code === 'auth_required' && error.status !== undefined) {
    const code = /^([a-z_.]+): /.exec(error.message)?.[1];
    assert.ok(code, `the message does not begin with a code: ${error.message}`);
    return { kind: 'refused', carrier: 'error', status: error.status, code, shown: 'exit 3, auth_required' };
  }
  if (status === 5 && error?.code === 'tool_is_error') return refusalFromResult(result, 'exit 5, tool_is_error');
  throw new Error(`tools/call ${name}: exit ${status} ${JSON.stringify(error ?? result)}`);
}

function reach(target: Target): string[] {
  if (target.transport === 'http') {
    const headers = Object.entries(target.headers).map(([header, value]) => `${header}: ${value}`);
    return [target.url, '--transport', 'http', ...headers.flatMap((header) => ['--header', header])];
  }
  const variables = Object.entries(target.env).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  return [...variables, target.command, ...target.args];
}

async function askInspector(inspector: FoundInspector, home: string, args: string[]): Promise<Answer> {
  const { status, stdout, stderr } = await runCommand(
    inspector.node,
    [inspector.entry, '--cli', '--protocol-era', 'auto', '--format', 'json', '--quiet', ...args],
    // It keeps a catalog in the home folder, which is none of ours to touch.
    { env: { ...process.env, HOME: home, USERPROFILE: home }, cwd: home, timeoutMs: 60_000 },
  );
  const [printed, failed] = [parseLine(stdout), parseLine(stderr)];
  return {
    status,
    result: (printed?.result ?? {}) as Answer['result'],
    error: failed?.error as Answer['error'],
  };
}

/** The last line that is a JSON object. */
function parseLine(text: string): Record<string, unknown> | undefined {
  const line = text
    .split('\n')
    .filter((candidate) => candidate.startsWith('{'))
    .at(-1);
  return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>);
}
