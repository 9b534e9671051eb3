import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { loadFixture } from './load-fixture.ts';

const GOOD = ['notes', 'legacy_notes', 'media_uploads'];

async function muscleOf(folder: string) {
  const { muscle, diagnostics } = await loadFixture('good', folder, true);
  expect(diagnostics).toEqual([]);
  if (!muscle) throw new Error(`${folder} did not bind`);
  return muscle;
}

async function scopeOf(folder: string, index = 0) {
  const scope = (await muscleOf(folder)).scopes[index];
  if (!scope) throw new Error(`${folder} has no scope ${index}`);
  return scope;
}

describe('[BIND-01] spec and code bind to scopes', () => {
  it.each(GOOD)('%s binds without a finding, in strict mode too', async (folder) => {
    expect((await muscleOf(folder)).scopes.length).toBeGreaterThan(0);
  });

  it('fills in defaults and keeps what the spec says', async () => {
    const { spec, resources, prompts, setup, dispose } = await muscleOf('notes');
    expect(spec).toMatchObject({ namespace: 'notes', version: '1.2.0', isolation: 'inline', apiVersion: 1 });
    expect(spec.scopes[0]).toMatchObject({ effects: 'write', kind: 'unary', timeoutMs: 5000, http: { body: 'json' } });
    expect(spec.scopes[2]).toMatchObject({ effects: 'destructive', timeoutMs: 30_000 });
    expect(resources[0]).toMatchObject({ spec: { mimeType: 'text/plain', subject: { id: 'note_id' } } });
    expect(resources[0]?.lister).toBeTypeOf('function');
    expect(prompts[0]?.spec.arguments).toEqual([
      { name: 'note_id', description: 'Which note.', required: true },
      { name: 'tone', required: false },
    ]);
    expect([typeof setup, typeof dispose]).toEqual(['function', 'function']);
  });

  it('reads the namespace off the scopes when the spec has none', async () => {
    expect((await muscleOf('legacy_notes')).spec.namespace).toBe('legacy.notes');
  });

  it('checks arguments and applies defaults with zod 4', async () => {
    const { parseInput } = await scopeOf('notes');
    expect(parseInput({ text: 'hi', other: 1 })).toEqual({ ok: true, value: { text: 'hi', tags: [], priority: 3 } });
    expect(parseInput({ text: 1, tags: ['a', ''], about: 5 })).toMatchObject({
      ok: false,
      issues: [
        { path: 'text', message: 'Invalid input: expected string, received number' },
        { path: 'tags.1', message: expect.stringContaining('Too small') },
        { path: 'about', message: expect.stringMatching(/expected string.* or expected object/) },
      ],
    });
  });

  it('checks arguments with zod/v3 and never quotes a value back', async () => {
    const { parseInput } = await scopeOf('legacy_notes');
    expect(parseInput({ text: 'hi' })).toEqual({ ok: true, value: { text: 'hi', kind: 'short' } });
    const refused = parseInput({ kind: 'hunter2' });
    expect(refused).toEqual({
      ok: false,
      issues: [
        { path: 'text', message: 'Required: expected string' },
        { path: 'kind', message: 'Invalid option: expected one of "short"|"long"' },
      ],
    });
    expect(JSON.stringify(refused)).not.toContain('hunter2');
    expect(parseInput({ text: 'forbidden' })).toMatchObject({ issues: [{ path: 'text' }] });
  });

  it('checks arguments by a hand-written schema without touching the value it was given', async () => {
    const { parseInput } = await scopeOf('media_uploads');
    const given = { name: 'photo' };
    expect(parseInput(given)).toEqual({ ok: true, value: { name: 'photo', mode: 'keep' } });
    expect(given).toEqual({ name: 'photo' });
    expect(parseInput({ mode: 'replace', extra: 1 })).toMatchObject({
      ok: false,
      issues: expect.arrayContaining([
        { path: 'name', message: 'Required' },
        { path: 'size', message: 'Required' },
        { path: 'extra', message: 'Unknown property' },
      ]),
    });
  });
});

describe('[BIND-04] every published schema is an object root', () => {
  it.each(GOOD)('%s publishes object roots that a strict 2020-12 validator compiles', async (folder) => {
    for (const { spec, inputSchema, outputSchema } of (await muscleOf(folder)).scopes) {
      for (const schema of outputSchema ? [inputSchema, outputSchema] : [inputSchema]) {
        expect(schema.type).toBe('object');
        expect(schema.properties).toBeTypeOf('object');
        if (spec.inputModel) expect(Object.keys(schema)).not.toEqual(expect.arrayContaining(['$schema']));
        if (spec.inputModel) for (const union of ['oneOf', 'anyOf', 'allOf']) expect(schema).not.toHaveProperty(union);
        expect(() => new Ajv2020({ strict: false, validateFormats: false }).compile(schema)).not.toThrow();
      }
    }
  });

  it('publishes what a caller must send, not what the handler receives', async () => {
    const { inputSchema } = await scopeOf('notes');
    expect(inputSchema.required).toEqual(['text']);
    expect(inputSchema).not.toHaveProperty('additionalProperties');
    expect(inputSchema.properties).toMatchObject({ seen: { type: 'string', format: 'date-time' } });
  });

  it('does not close a result that merely has more than its model says', async () => {
    const { outputSchema, parseOutput } = await scopeOf('notes');
    expect(outputSchema).not.toHaveProperty('additionalProperties');
    expect(parseOutput?.({ note_id: 'n1', text: '', more: 1 })).toEqual({
      ok: true,
      value: { note_id: 'n1', text: '', tags: [] },
    });
  });

  it('publishes a hand-written schema word for word', async () => {
    const { inputSchema, spec } = await scopeOf('media_uploads');
    expect(inputSchema).toBe(spec.inputSchema);
    expect(Object.keys(inputSchema)).toEqual(expect.arrayContaining(['$schema', '$defs', 'if', 'then', 'allOf']));
  });
});
