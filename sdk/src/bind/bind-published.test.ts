import { describe, expect, it } from 'vitest';
import { bindPublished, parseSpec, type PublishedScope } from './index.ts';

const SPEC = `id: far
name: Far
summary: Runs elsewhere.
scopes:
  - name: far.run
    description: Runs.
    handler: run
    input_model: In
    output_model: Out
    subject: { type: thing, id: thing_id }
`;
const GOOD = { type: 'object', properties: { thing_id: { type: 'string' } } };

function bind(scope: PublishedScope | undefined, text = SPEC) {
  const { spec, positions } = parseSpec({ text, file: 'spec.yaml' });
  return bindPublished({
    spec: spec!,
    positions,
    file: 'spec.yaml',
    published: new Map(scope ? [['far.run', scope]] : []),
  });
}

function nested(depth: number): object {
  return JSON.parse(`${'{"not":'.repeat(depth)}{}${'}'.repeat(depth)}`) as object;
}

describe('[ISO-08] what isolated code publishes is held to the rules of the binder', () => {
  it('takes well-formed object schemas', () => {
    const { schemas, diagnostics } = bind({ inputSchema: GOOD, outputSchema: GOOD });
    expect(diagnostics).toEqual([]);
    expect(schemas?.get('far.run')).toEqual({ inputSchema: GOOD, outputSchema: GOOD });
  });

  it.each([
    ['nothing', undefined],
    ['text', 'schema'],
    ['a list', []],
    ['no object root', { type: 'string' }],
    ['a union at the root', { ...GOOD, anyOf: [{}] }],
    ['a member that the meta-schema refuses', { ...GOOD, required: 5 }],
    ['a broken reference', { ...GOOD, not: { $ref: '#/$defs/gone' } }],
    ['no bottom', { ...GOOD, not: nested(5000) }],
    ['no end', { ...GOOD, enum: Array.from({ length: 60_000 }, (_, index) => index) }],
  ])('refuses an input schema that is or has %s', (_, inputSchema) => {
    const { schemas, diagnostics } = bind({ inputSchema, outputSchema: GOOD });
    expect(schemas).toBeUndefined();
    expect(diagnostics).toEqual([expect.objectContaining({ severity: 'error', line: 8, column: 18 })]);
  });

  it('refuses a promised output model that was not published, and a subject that the input does not have', () => {
    expect(bind({ inputSchema: GOOD }).diagnostics).toEqual([expect.objectContaining({ line: 9 })]);
    const { diagnostics } = bind({ inputSchema: { type: 'object' }, outputSchema: GOOD });
    expect(diagnostics).toEqual([expect.objectContaining({ code: 'bind.unknown_subject_property' })]);
  });

  it('takes a hand-written schema from spec.yaml and from nowhere else', () => {
    const text = SPEC.replace('input_model: In', 'input_schema: {type: object, properties: {thing_id: {}}}').replace(
      '    output_model: Out\n',
      '',
    );
    const { schemas } = bind({ inputSchema: { type: 'object', properties: { other: {} } } }, text);
    expect(schemas?.get('far.run')).toEqual({ inputSchema: { type: 'object', properties: { thing_id: {} } } });
  });
});
