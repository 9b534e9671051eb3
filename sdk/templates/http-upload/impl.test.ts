import type { BinaryResult } from '@northstar/sdk';
import { describeMuscle, fakeContext, runScope } from '@northstar/sdk/testing';
import { expect, test } from 'vitest';
import { handleAddFile } from './impl.ts';
import type { StoredFile } from './models.ts';

const DIR = import.meta.dirname;

// Every scope: its examples, wrong arguments, a refusal by GateChain, time-out and abort.
describeMuscle(DIR);

async function* stream(...chunks: string[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function textOf(content: BinaryResult): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await content.open()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('a body is stored as it streams in, and comes back byte for byte', async () => {
  const upload = { body: stream('one ', 'two'), mediaType: 'text/csv' };
  const added = await runScope(DIR, 'my_muscle.add_file', { name: 'numbers.csv' }, { upload });
  expect(added.structured).toMatchObject({ name: 'numbers.csv', media_type: 'text/csv', size: 7 });

  const args = { file_id: (added.structured as StoredFile).file_id };
  const found = await runScope(DIR, 'my_muscle.get_file', args, added.stores);
  expect(found.structured).toEqual(added.structured);
  const content = await runScope(DIR, 'my_muscle.get_content', args, added.stores);
  expect(await textOf(content.result as BinaryResult)).toBe('one two');
});

test('an upload whose caller gave up is not stored', async () => {
  const signal = AbortSignal.abort(new Error('the caller left'));
  const ctx = fakeContext({ upload: { body: stream('half') }, signal });
  await expect(handleAddFile(ctx, { name: 'half.txt' })).rejects.toThrow('the caller left');
  expect(await ctx.tabular.list()).toEqual({ items: [] });
});

test('a call without content is told how to send it', async () => {
  const call = runScope(DIR, 'my_muscle.add_file', { name: 'empty.txt' });
  await expect(call).rejects.toThrow('as the body of an HTTP request');
});
