import { describe, expect, it } from 'vitest';
import * as mini from 'zod/mini';
import { z } from 'zod';
import { z as z3 } from 'zod/v3';
import { adaptModel } from './json-schema.ts';
import { SchemaCompiler } from './written-schema.ts';

function adapted(model: unknown, side: 'input' | 'output' = 'input') {
  const result = adaptModel(model, side);
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('\n'));
  return result.model;
}
function problems(model: unknown) {
  const result = adaptModel(model, 'input');
  return result.ok ? [] : result.problems;
}

describe('[BIND-04] every published schema is an object root', () => {
  it('inlines a root that names itself with an id, and keeps its recursion', () => {
    const Tree = z
      .object({
        name: z.string(),
        get children() {
          return z.array(Tree);
        },
      })
      .meta({ id: 'BindTree' });
    const { schema, parse } = adapted(Tree);
    expect(schema).toMatchObject({ type: 'object', properties: { children: { items: { $ref: '#/$defs/BindTree' } } } });
    expect(schema.$defs).toHaveProperty('BindTree');
    expect(parse({ name: 'a', children: [{ name: 'b' }] })).toMatchObject({
      issues: [{ path: 'children.0.children' }],
    });
  });

  it('takes models of zod/mini and of zod/v3 without looking at their class', () => {
    expect(adapted(mini.object({ a: mini.string() })).schema.required).toEqual(['a']);
    expect(adapted(z3.object({ a: z3.string() }).strict()).schema.additionalProperties).toBe(false);
  });

  it('spells zod/v3 tuples the 2020-12 way, references into them included', () => {
    const Point = z3.object({ x: z3.number() });
    const { schema } = adapted(z3.object({ line: z3.tuple([Point, Point]).rest(z3.string()) }));
    expect(schema.properties).toEqual({
      line: {
        type: 'array',
        minItems: 2,
        prefixItems: [expect.objectContaining({ type: 'object' }), { $ref: '#/properties/line/prefixItems/0' }],
        items: { type: 'string' },
      },
    });
  });

  it('keeps what an author closes, opens or pipes on purpose', () => {
    expect(adapted(z.strictObject({ a: z.string() }), 'output').schema.additionalProperties).toBe(false);
    expect(adapted(z.looseObject({ a: z.string() })).schema.additionalProperties).toEqual({});
    expect(adapted(z.object({ a: z.string().transform(Number) })).schema.properties).toEqual({ a: { type: 'string' } });
    expect(adapted(z.object({ a: z.string().transform(Number) }), 'output').schema.properties).toEqual({ a: {} });
  });

  it.each([
    ['array', z.array(z.string())],
    ['record', z.record(z.string(), z.string())],
    ['pipe', z.object({}).transform(() => 1)],
    ['intersection', z.intersection(z.object({}), z.object({}))],
    ['union', z.discriminatedUnion('k', [z.object({ k: z.literal('a') })])],
    ['string', z3.string()],
    ['discriminatedunion', z3.discriminatedUnion('k', [z3.object({ k: z3.literal('a') })])],
  ])('refuses a root that is a zod %s', (kind, model) => {
    expect(problems(model)).toMatchObject([
      { code: 'bind.model_not_an_object', message: expect.stringContaining(`a zod ${kind}`) },
    ]);
  });

  it.each([undefined, null, 5, 'text', [], {}, () => 1, { _def: {} }, { _zod: 1 }])(
    'refuses %s, which is no model',
    (value) => {
      expect(problems(value)).toMatchObject([{ code: 'bind.not_a_model' }]);
    },
  );

  it('names every member that has no JSON form', () => {
    const found = problems(
      z.object({
        a: z.bigint(),
        b: z.array(z.map(z.string(), z.string())),
        c: z.object({ d: z.set(z.string()).optional() }),
        e: z.symbol(),
        f: z.literal(5n),
        g: z.date().min(new Date(0)),
        h: z.promise(z.string()),
        i: z.record(z.string(), z.nan()),
      }),
    ).map((problem) => /because of "(.*?)"/.exec(problem.message)?.[1]);
    expect(found.sort()).toEqual(['a', 'b[]', 'c.d', 'e', 'f', 'g', 'h', 'i.*']);
    const old = problems(z3.object({ a: z3.bigint(), b: z3.array(z3.set(z3.string())), c: z3.date() }));
    expect(old.map((problem) => /because of "(.*?)"/.exec(problem.message)?.[1])).toEqual(['a', 'b[]', 'c']);
  });
});

describe('[BIND-01] spec and code bind to scopes', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('refuses the own key %s anywhere in the arguments', (key) => {
    const { parse } = adapted(z.looseObject({}));
    expect(parse(JSON.parse(`{"a":[{"${key}":{"admin":true}}]}`))).toEqual({
      ok: false,
      issues: [{ path: `a.0.${key}`, message: expect.stringContaining('Rename it') }],
    });
  });

  it('refuses arguments that nest too deep for a validator', () => {
    const { parse } = adapted(z.looseObject({}));
    const deep = JSON.parse(`{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`) as unknown;
    expect(parse(deep)).toMatchObject({ ok: false, issues: [{ message: expect.stringContaining('Flatten') }] });
  });

  it('limits how many issues one answer lists', () => {
    const result = adapted(z.object({ a: z.array(z.string()) })).parse({ a: Array.from({ length: 5_000 }, () => 1) });
    expect(result.ok ? 0 : result.issues.length).toBe(51);
  });

  it('refuses without quoting what a refinement threw', () => {
    const thrower = adapted(
      z.object({
        a: z.string().refine(() => {
          throw new Error('hunter2');
        }),
      }),
    );
    const result = thrower.parse({ a: 'x' });
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain('hunter2');
    const later = adapted(z.object({ a: z.string().refine(async () => true) })).parse({ a: 'x' });
    expect(later).toMatchObject({ ok: false, issues: [{ message: expect.stringContaining('asynchronous') }] });
  });

  it('keeps the schemas of two loads apart even when they share an $id', () => {
    const schema = (type: string) => ({ $id: 'urn:example:same', type: 'object', properties: { a: { type } } });
    const compiler = new SchemaCompiler();
    for (const [type, good] of [
      ['string', 'x'],
      ['number', 1],
    ] as const) {
      const result = compiler.adapt(schema(type));
      expect(result.ok && result.model.parse({ a: good }).ok).toBe(true);
      expect(result.ok && result.model.parse({ a: true }).ok).toBe(false);
    }
  });

  it('refuses endless references at call time instead of failing', () => {
    const result = new SchemaCompiler().adapt({
      type: 'object',
      $ref: '#/$defs/a',
      $defs: { a: { $ref: '#/$defs/a' } },
    });
    expect(result.ok ? result.model.parse({}).ok : false).toBe(false);
  });
});
