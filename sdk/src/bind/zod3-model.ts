import type { ZodIssue, ZodTypeAny } from 'zod/v3';
import { ignoreOverride, zodToJsonSchema, type PostProcessCallback } from 'zod-to-json-schema';
import type { Issue } from './bound-muscle.ts';
import { refused, type Adapted, type ModelProblem, type ModelSide } from './adapted-model.ts';
import { modelParse } from './model-parse.ts';
import { hasNoJsonForm, notAnObject, unconvertible } from './model-problems.ts';
import { publishedSchema } from './published-schema.ts';

interface Definition {
  readonly typeName: string;
  readonly coerce?: boolean;
  readonly unknownKeys?: string;
  readonly effect?: { type: string };
  readonly schema?: { _def: Definition };
}

/** A model of `zod/v3` or of the zod 3 package: both have `_def.typeName` and no `_zod`. */
export function isZod3(value: unknown): value is ZodTypeAny {
  if (typeof value !== 'object' || value === null || '_zod' in value) return false;
  const definition = (value as { _def?: { typeName?: unknown } })._def;
  return typeof definition?.typeName === 'string' && typeof (value as { safeParse?: unknown }).safeParse === 'function';
}

export function adaptZod3(model: ZodTypeAny, side: ModelSide): Adapted {
  const root = unrefined(model._def as Definition);
  if (root.typeName !== 'ZodObject') return refused(notAnObject(plainName(root)));
  const problems = new Map<string, ModelProblem>();
  const postProcess: PostProcessCallback = (json, def, refs) => {
    const definition = def as Definition;
    const name = plainName(definition);
    if (hasNoJsonForm(name) && !(name === 'date' && definition.coerce)) {
      const problem = unconvertible(refs.currentPath, name);
      problems.set(problem.message, problem);
    }
    return json && modern(json as Record<string, unknown>, definition);
  };
  let converted: object;
  try {
    converted = zodToJsonSchema(model, {
      target: 'jsonSchema2019-09',
      pipeStrategy: side,
      postProcess,
      // What a transform makes is unknown; the converter would publish what it takes.
      override: (def) => (side === 'output' && isTransform(def as Definition) ? {} : ignoreOverride),
    });
  } catch (error) {
    return refused(unconvertible([], error instanceof Error ? error.message : String(error)));
  }
  if (problems.size > 0) return refused(...problems.values());
  const published = publishedSchema(withModernRefs(converted));
  if (!published.ok) return refused(published.problem);
  const parse = modelParse(side, (value) => {
    const result = model.safeParse(value);
    return result.success ? { ok: true, value: result.data } : { ok: false, issues: issues(result.error.issues) };
  });
  return { ok: true, model: { schema: published.schema, parse } };
}

/** In zod 3 `.refine()` wraps the object; that is still an object to a caller. */
function unrefined(definition: Definition): Definition {
  let inner = definition;
  while (inner.typeName === 'ZodEffects' && inner.effect?.type === 'refinement' && inner.schema)
    inner = inner.schema._def;
  return inner;
}

function isTransform(definition: Definition): boolean {
  return definition.typeName === 'ZodEffects' && definition.effect?.type === 'transform';
}

/** `ZodBigInt` as zod 4 calls it: `bigint`. */
function plainName(definition: Definition): string {
  return definition.typeName.replace(/^Zod/, '').toLowerCase();
}

/** From draft 2019-09 to 2020-12, and without closing an object that only strips unknown keys. */
function modern(json: Record<string, unknown>, definition: Definition): Record<string, unknown> {
  if (definition.typeName === 'ZodTuple') {
    const { items, additionalItems, ...rest } = json;
    return { ...rest, prefixItems: items, ...(additionalItems !== undefined && { items: additionalItems }) };
  }
  if (
    definition.typeName === 'ZodObject' &&
    definition.unknownKeys === 'strip' &&
    json.additionalProperties === false
  ) {
    const { additionalProperties: _closed, ...open } = json;
    return open;
  }
  return json;
}

/** References are paths into the converter's own draft, where tuples are spelled the old way. */
function withModernRefs(schema: object): object {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (key !== '$ref' || typeof value !== 'string') return value;
    return value.replace(/\/items\/(\d+)/g, '/prefixItems/$1').replaceAll('/additionalItems', '/items');
  }) as object;
}

function* issues(found: readonly ZodIssue[]): Iterable<Issue> {
  for (const issue of found) yield { path: issue.path.join('.'), message: message(issue) };
}

/** zod 3 quotes the received value in one message, and names nothing expected in two. */
function message(issue: ZodIssue): string {
  if (issue.code === 'invalid_enum_value') {
    return `Invalid option: expected one of ${issue.options.map((option) => JSON.stringify(option)).join('|')}`;
  }
  if (issue.code === 'invalid_type' && issue.message === 'Required') return `Required: expected ${issue.expected}`;
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input') {
    const wants = issue.unionErrors.slice(0, 4).flatMap((error) => error.issues.slice(0, 1).map(message));
    return wants.length > 0 ? `Invalid input: ${[...new Set(wants)].join(', or ')}` : issue.message;
  }
  return issue.message;
}
