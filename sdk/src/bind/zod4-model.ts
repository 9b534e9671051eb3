import { safeParse, toJSONSchema } from 'zod';
import type { $ZodIssue, $ZodType, $ZodTypes } from 'zod/v4/core';
import type { JsonSchema } from '../contract/json.ts';
import type { Issue } from './bound-muscle.ts';
import { refused, type Adapted, type ModelProblem, type ModelSide } from './adapted-model.ts';
import { modelParse } from './model-parse.ts';
import { hasNoJsonForm, notAnObject, unconvertible } from './model-problems.ts';
import { publishedSchema } from './published-schema.ts';

/** By structure and not `instanceof`, so that models of another copy of zod 4, or of zod/mini, count as well. */
export function isZod4(value: unknown): value is $ZodType {
  const internals = (value as { _zod?: { def?: { type?: unknown } } } | null | undefined)?._zod;
  return typeof value === 'object' && typeof internals?.def?.type === 'string';
}

export function adaptZod4(model: $ZodType, side: ModelSide, known?: JsonSchema): Adapted {
  const { type } = (model as $ZodTypes)._zod.def;
  if (type !== 'object') return refused(notAnObject(type));
  const converted = known ? { ok: true as const, schema: known } : convert(model, side);
  if (!converted.ok) return refused(...converted.problems);
  const parse = modelParse(side, (value) => {
    const result = safeParse(model, value);
    return result.success ? { ok: true, value: result.data } : { ok: false, issues: issues(result.error.issues) };
  });
  return { ok: true, model: { schema: converted.schema, parse } };
}

type Converted = { ok: true; schema: JsonSchema } | { ok: false; problems: readonly ModelProblem[] };

function convert(model: $ZodType, side: ModelSide): Converted {
  const problems = new Map<string, ModelProblem>();
  const note = (path: readonly (string | number)[], reason: string) => {
    const problem = unconvertible(path, reason);
    if (!problems.has(problem.message)) problems.set(problem.message, problem);
  };

  let converted: object;
  try {
    converted = toJSONSchema(model, {
      io: side,
      unrepresentable: ({ zodSchema, path, message }) => {
        const kind = zodSchema._zod.def.type;
        // Types without a JSON form are judged in `override`, which copies of zod older than this handler call too.
        // A bare transform accepts anything, or makes anything; the empty schema says just that.
        if (!hasNoJsonForm(kind) && kind !== 'transform') note(path, message);
        return 'any';
      },
      override: ({ zodSchema, jsonSchema, path }) =>
        tidy(zodSchema, jsonSchema as Record<string, unknown>, () => {
          note(path, zodSchema._zod.def.type);
        }),
    });
  } catch (error) {
    return { ok: false, problems: [unconvertible([], error instanceof Error ? error.message : String(error))] };
  }
  if (problems.size > 0) return { ok: false, problems: [...problems.values()] };
  const published = publishedSchema(converted);
  return published.ok ? published : { ok: false, problems: [published.problem] };
}

/** Makes one converted member say what the wire holds, or calls `refuse`. */
function tidy(member: $ZodTypes, json: Record<string, unknown>, refuse: () => void): void {
  const { def } = member._zod;
  if (def.type === 'date' && def.coerce) Object.assign(json, { type: 'string', format: 'date-time' });
  else if (def.type === 'custom' && (json.type || json.enum || json.$ref)) return;
  else if (hasNoJsonForm(def.type)) refuse();
  // zod writes this for results because it strips unknown keys, not because it minds them.
  else if (def.type === 'object' && !def.catchall && json.additionalProperties === false)
    delete json.additionalProperties;
  else if (def.type === 'string' && json.format && DATE_FORMATS.has(String(json.format))) delete json.pattern;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
}

/** Their patterns are 300 letters of leap-year arithmetic that a model would pay for in every prompt. */
const DATE_FORMATS = new Set(['date-time', 'date', 'time', 'duration']);

function* issues(found: readonly $ZodIssue[]): Iterable<Issue> {
  for (const issue of found) yield { path: issue.path.map(String).join('.'), message: message(issue) };
}

/** zod says only `Invalid input` of a union; the caller needs to hear what the alternatives are. */
function message(issue: $ZodIssue): string {
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input' || issue.errors.length === 0)
    return issue.message;
  const wants = issue.errors.slice(0, 4).map((branch) => {
    const first = branch[0];
    const where = first?.path.length ? ` at "${first.path.map(String).join('.')}"` : '';
    return `${first?.message.replace(/^Invalid input: /, '') ?? 'another value'}${where}`;
  });
  return `Invalid input: ${[...new Set(wants)].join(', or ')}`;
}
