import assert from 'node:assert/strict';
import { basename, resolve } from 'node:path';
import { formatDiagnostic } from '../bind/format-diagnostic.ts';
import type { ScopeExample, ScopeSpec } from '../contract/spec.ts';
import { loadMuscle, readSpec } from './load-muscle.ts';
import { prepareExample, runExample } from './run-example.ts';
import { runScope } from './run-scope.ts';
import { stalledStores } from './stalled-stores.ts';
import { wrongArguments } from './wrong-arguments.ts';

/** Where the tests are registered: vitest, or anything else with these two functions. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
}

// An optional peer: whoever runs scopes alone, or brings a runner of their own, need not install it.
const vitest = (await import('vitest').catch(() => undefined)) as TestRunner | undefined;

/** Milliseconds in which a handler has to let go once it was told to stop. */
const GRACE_MS = 5000;

/**
 * The conformance suite of a muscle, in one line of its test file: `describeMuscle(import.meta.dirname)`. It loads
 * spec and code, runs every example of every scope, and sees to it that wrong arguments, a refusal by policy, a
 * time-out and a caller who gives up end a call as they should.
 */
export function describeMuscle(dir: string, runner: TestRunner | undefined = vitest): void {
  if (!runner) throw new Error('describeMuscle needs vitest (npm install --save-dev vitest), or a runner of your own.');
  const { describe, it } = runner;
  const { spec, diagnostics } = readSpec(dir);
  describe(`muscle ${spec?.id ?? basename(resolve(dir))}`, () => {
    it('is found: spec.yaml and impl.ts fit together, without a finding', async () => {
      assert.deepEqual(diagnostics.map(formatDiagnostic), []);
      const { muscle, diagnostics: all } = await loadMuscle(dir);
      assert.deepEqual(all.map(formatDiagnostic), []);
      assert.deepEqual(
        muscle.scopes.map(({ inputSchema }) => inputSchema.type),
        muscle.scopes.map(() => 'object'),
      );
    });
    for (const scope of spec?.scopes ?? []) describeScope(dir, scope, it);
  });
}

function describeScope(dir: string, { name, examples }: ScopeSpec, it: TestRunner['it']): void {
  const [example] = examples;
  if (!example) {
    it(`${name} has an example`, async () => {
      assert.fail(`${name} has none. Add "examples: [{ arguments: { … } }]" to it in spec.yaml.`);
    });
  }
  for (const [index, each] of examples.entries()) {
    it(`${name} answers its example ${each.title ?? index + 1}`, async () => {
      const { result } = await runExample(await loadMuscle(dir), { name, example: each });
      assert.notEqual((result as { isError?: boolean } | undefined)?.isError, true, 'it answered with a failure');
    });
  }
  it(`${name} refuses arguments that do not fit, before its handler runs`, async () => {
    const loaded = await loadMuscle(dir);
    const schema = loaded.muscle.scopes.find((scope) => scope.spec.name === name)?.inputSchema ?? {};
    for (const wrong of wrongArguments(schema, example?.arguments ?? {}))
      await assert.rejects(runScope(loaded, name, wrong), { code: 'validation.failed' }, JSON.stringify(wrong));
  });
  if (example) describeEndings(dir, { name, example }, it);
}

/** How a call ends when it is not left to finish. */
function describeEndings(dir: string, call: { name: string; example: ScopeExample }, it: TestRunner['it']): void {
  const { name } = call;
  it(`${name} does not run when GateChain refuses it, and passes on what ctx.gate refuses inside`, async () => {
    const loaded = await loadMuscle(dir);
    await assert.rejects(runExample(loaded, call, { allow: () => false }), { code: 'policy.denied' });
    const { recorded } = await runExample(loaded, call);
    if (recorded.gates.length > 0)
      await assert.rejects(runExample(loaded, call, { allow: (action) => action === name }), { code: 'policy.denied' });
  });
  it(`${name} lets go when time is up`, () => letsGo(dir, call, 'time'));
  it(`${name} lets go when its caller gives up`, () => letsGo(dir, call, 'caller'));
}

/** Runs the example on stores that hang, ends the call, and waits for the handler itself to settle. */
async function letsGo(
  dir: string,
  call: { name: string; example: ScopeExample },
  why: 'time' | 'caller',
): Promise<void> {
  const loaded = await loadMuscle(dir);
  const { arguments: args, stores } = await prepareExample(loaded, call.example);
  const caller = new AbortController();
  const stopped = new AbortController();
  const stalled = stalledStores(stopped.signal, () => why === 'caller' && caller.abort());
  const scope = loaded.muscle.scopes.find(({ spec }) => spec.name === call.name);
  assert.ok(scope);
  let settled: Promise<unknown> = Promise.resolve();
  const watched = {
    ...scope,
    handler: (...given: Parameters<typeof scope.handler>) => {
      given[0].signal.addEventListener('abort', () => stopped.abort());
      if (scope.spec.kind === 'stream') {
        return watchedPieces(scope.handler(...given), (ended) => (settled = ended)) as never;
      }
      settled = Promise.resolve(scope.handler(...given)).catch(() => undefined);
      return settled as Promise<object>;
    },
  };
  const muscle = { ...loaded.muscle, scopes: [watched] };
  const options = { ...stores, ...stalled, signal: caller.signal, ...(why === 'time' && { timeoutMs: 50 }) };
  await runScope({ ...loaded, muscle }, call.name, args, options).catch(() => undefined);
  // A handler that has not reached a store yet must stop as well.
  caller.abort();
  stopped.abort();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, GRACE_MS, 'late')));
  const ended = await Promise.race([settled.then(() => 'ended' as const), late]);
  clearTimeout(timer);
  assert.equal(ended, 'ended', `${call.name} still works ${GRACE_MS} ms after ctx.signal aborted`);
}

/** The same generator; tells, once it runs, when it came to its end or was stopped at a yield. */
async function* watchedPieces(generator: unknown, onStart: (ended: Promise<void>) => void): AsyncGenerator {
  let end!: () => void;
  onStart(new Promise<void>((resolve) => (end = resolve)));
  try {
    return yield* generator as AsyncGenerator;
  } finally {
    end();
  }
}
