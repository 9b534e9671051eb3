import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as sdk from '../../src/index.ts';
import { fakeContext } from '../../src/testing/index.ts';

const PACKAGE = join(import.meta.dirname, '../..');

describe('several copies of the SDK', () => {
  let folder: string;
  let other: typeof sdk;
  beforeAll(async () => {
    mkdirSync(join(PACKAGE, 'out'), { recursive: true });
    folder = mkdtempSync(join(PACKAGE, 'out/copy-'));
    cpSync(join(PACKAGE, 'dist'), join(folder, 'dist'), { recursive: true });
    other = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'dist/index.js')).href)) as typeof sdk;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('[SDK-01] they know each other’s errors and results', () => {
    const error = new other.MuscleError({ code: 'a.b', message: 'c' });
    expect(other.MuscleError).not.toBe(sdk.MuscleError);
    expect([sdk.MuscleError.is(error), error instanceof sdk.MuscleError]).toEqual([true, true]);
    expect(new sdk.MuscleError({ code: 'a.b', message: 'c' }) instanceof other.MuscleError).toBe(true);
    expect(sdk.isToolResult(other.toolResult({ structured: {} }))).toBe(true);
    expect(sdk.isInputRequired(other.inputRequired({ questions: {} }))).toBe(true);
    const binary = { mediaType: 'text/plain', size: 0, open: () => Promise.reject(new Error('unused')) };
    expect(sdk.isBinaryResult(other.binaryResult(binary))).toBe(true);
  });
});

test('[SDK-01] a subclass of MuscleError is told from its siblings', () => {
  class NotFound extends sdk.MuscleError {}
  const plain = new sdk.MuscleError({ code: 'a.b', message: 'c' });
  expect([plain instanceof NotFound, plain instanceof Error]).toEqual([false, true]);
  expect(new NotFound({ code: 'a.b', message: 'c' }) instanceof sdk.MuscleError).toBe(true);
  expect(new Error('c') instanceof sdk.MuscleError).toBe(false);
});

test('[SDK-02] blocks are what MCP defines', () => {
  expect([
    sdk.text('hi'),
    sdk.image(Buffer.from('png'), 'image/png'),
    sdk.audio(Buffer.from('wav'), 'audio/wav'),
    sdk.resourceLink({ uri: 'notes://1', name: 'One' }),
    sdk.embeddedText('notes://1', 'hi', 'text/markdown'),
  ]).toEqual([
    { type: 'text', text: 'hi' },
    { type: 'image', data: 'cG5n', mimeType: 'image/png' },
    { type: 'audio', data: 'd2F2', mimeType: 'audio/wav' },
    { type: 'resource_link', uri: 'notes://1', name: 'One' },
    { type: 'resource', resource: { uri: 'notes://1', text: 'hi', mimeType: 'text/markdown' } },
  ]);
});

test('[SDK-02] withProgress tells how far it is, and stops when the call is given up', async () => {
  const ctx = fakeContext();
  const seen: string[] = [];
  for await (const word of sdk.withProgress(ctx, ['a', 'b'], (item) => `doing ${item}`)) seen.push(word);
  expect(seen).toEqual(['a', 'b']);
  expect(ctx.recorded.progress).toEqual([
    { progress: 0, total: 2, message: 'doing a' },
    { progress: 1, total: 2, message: 'doing b' },
    { progress: 2, total: 2 },
  ]);
  const given = fakeContext({ signal: AbortSignal.abort(new Error('gone')) });
  await expect(sdk.withProgress(given, ['a']).next()).rejects.toThrow('gone');
});

test('[SDK-02] a handler of defineScope that throws at once rejects, as one that throws later', async () => {
  const { z } = await import('zod');
  const scope = sdk.defineScope(z.object({}), () => {
    throw new Error('at once');
  });
  await expect(scope(fakeContext(), {})).rejects.toThrow('at once');
});
