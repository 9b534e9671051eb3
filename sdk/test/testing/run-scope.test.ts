import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { fakeContext, loadMuscle, runScope, type LoadedMuscle } from '../../src/testing/index.ts';
import { GOOD_MUSCLE } from '../check/break-muscle.ts';

/** The good muscle, with another handler behind its scope `field_notes.add`. */
async function withHandler(handler: (ctx: never, args: never) => unknown): Promise<LoadedMuscle> {
  const loaded = await loadMuscle(GOOD_MUSCLE);
  const [add, ...rest] = loaded.muscle.scopes;
  return { ...loaded, muscle: { ...loaded.muscle, scopes: [{ ...add!, handler: handler as never }, ...rest] } };
}

test('[KIT-01] a scope runs without a host, on stores in memory that the next run goes on with', async () => {
  const added = await runScope(GOOD_MUSCLE, 'field_notes.add', { text: 'hi' });
  expect(added.structured).toEqual({ key: expect.any(String), text: 'hi' });
  const { key } = added.structured as { key: string };
  const read = await runScope(GOOD_MUSCLE, 'field_notes.read', { key }, added.stores);
  expect(read.result).toEqual({ key, text: 'hi' });
  const elsewhere = runScope(GOOD_MUSCLE, 'field_notes.read', { key });
  await expect(elsewhere).rejects.toMatchObject({ code: 'field_notes.not_found', status: 404 });
});

test('[KIT-01] a stream scope is run to its end, and its pieces are recorded', async () => {
  const loaded = await withHandler(async function* () {
    yield 'one ';
    yield 'two';
  });
  const [add, ...rest] = loaded.muscle.scopes;
  const { outputModel: _model, ...spec } = add!.spec;
  const { parseOutput: _parse, ...scope } = add!;
  const stream = { ...scope, spec: { ...spec, kind: 'stream' as const } };
  const muscle = { ...loaded, muscle: { ...loaded.muscle, scopes: [stream, ...rest] } };
  const { result, recorded } = await runScope(muscle, 'field_notes.add', { text: 'hi' });
  expect(result).toBe('one two');
  expect(recorded.pieces).toEqual(['one ', 'two']);
});

test('[KIT-01] a name that is not a scope is answered with the nearest one', async () => {
  await expect(runScope(GOOD_MUSCLE, 'field_notes.raed')).rejects.toThrow('did you mean "field_notes.read"?');
});

test('[KIT-02] arguments, policy, time and the answer are checked as the host does', async () => {
  let ran = 0;
  const counting = await withHandler(() => void ran++);
  const add = (loaded: LoadedMuscle, args: unknown, options = {}) => runScope(loaded, 'field_notes.add', args, options);
  await expect(add(counting, { text: 7 })).rejects.toMatchObject({ code: 'validation.failed', status: 400 });
  const refused = add(counting, { text: 'hi' }, { allow: () => false });
  await expect(refused).rejects.toMatchObject({ code: 'policy.denied', status: 403 });
  expect(ran).toBe(0);

  const hanging = await withHandler(() => new Promise(() => undefined));
  const late = add(hanging, { text: 'hi' }, { timeoutMs: 20 });
  await expect(late).rejects.toMatchObject({ code: 'muscle.failed', status: 503 });
  const left = add(hanging, { text: 'hi' }, { signal: AbortSignal.abort() });
  await expect(left).rejects.toMatchObject({ code: 'request.cancelled' });

  const odd = add(await withHandler(() => ({ key: 7 })), { text: 'hi' });
  await expect(odd).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringMatching(/fit Note: key: .*text: /),
  });
});

test('[KIT-02] the context carries the capabilities that the muscle requires, and no others', async () => {
  let seen: string[] = [];
  const looking = await withHandler((ctx: object) => {
    seen = Object.keys(ctx);
    return { key: 'k', text: 't' };
  });
  await runScope(looking, 'field_notes.add', { text: 'hi' });
  expect(seen).toContain('tabular');
  expect(seen).not.toContain('objects');
  expect(seen).not.toContain('events');
});

test('[KIT-01] a fake context records what a handler does with it', async () => {
  const ctx = fakeContext({ request: { tenantId: 't_acme' }, allow: (action) => action !== 'notes.drop' });
  await ctx.progress({ progress: 1, total: 2 });
  ctx.log.warn('careful', { why: 'test' });
  await ctx.notifyLog('info', 'hello');
  ctx.resourceUpdated('notes://1');
  await expect(ctx.gate('notes.drop', { type: 'note', id: '1' })).rejects.toMatchObject({ code: 'policy.denied' });
  expect(ctx.request).toMatchObject({ tenantId: 't_acme', projectId: 'p_test' });
  expect(ctx.recorded).toEqual({
    pieces: [],
    progress: [{ progress: 1, total: 2 }],
    logs: [{ level: 'warn', message: 'careful', fields: { why: 'test' } }],
    clientLogs: [{ level: 'info', data: 'hello' }],
    updatedUris: ['notes://1'],
    gates: [{ action: 'notes.drop', subject: { type: 'note', id: '1' } }],
  });
});

test('[KIT-03] the built kit imports TypeScript muscles in plain Node, with errors at their own lines', async () => {
  const script = `
    import { runScope } from '@northstar/sdk/testing';
    import { MuscleError } from '@northstar/sdk';
    const failure = await runScope(${JSON.stringify(GOOD_MUSCLE)}, 'field_notes.read', { key: 'x' }).catch((error) => error);
    console.log(JSON.stringify([MuscleError.is(failure), failure.code, /impl\\.ts:26:/.test(failure.stack)]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../..'),
  });
  expect(JSON.parse(stdout)).toEqual([true, 'field_notes.not_found', true]);
});
