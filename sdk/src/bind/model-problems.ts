import type { ModelProblem } from './adapted-model.ts';

const ADVICE: Readonly<Record<string, string>> = {
  date: 'z.date() never accepts JSON text. Use z.iso.datetime() (zod/v3: z.string().datetime()), or z.coerce.date().',
  bigint: 'JSON has no bigint. Use z.string().regex(/^\\d+$/), or z.int() for numbers up to 2^53.',
  map: 'JSON has no Map. Use z.record(z.string(), …).',
  set: 'JSON has no Set. Use z.array(…).',
  symbol: 'JSON has no symbol. Use z.string() or z.enum([…]).',
  undefined: 'JSON has no undefined. Use .optional() on the property.',
  void: 'JSON has no undefined. Use .optional() on the property.',
  nan: 'JSON has no NaN. Use z.number().nullable().',
  custom:
    'z.custom() and z.instanceof() say nothing about JSON. Use a schema with .refine(…), or give .meta({ type: … }).',
  function: 'JSON has no functions. Use a name that the handler looks up.',
  promise: 'arguments are not promises. Use the schema inside it.',
  file: 'JSON has no files. Take uploads through an http binding with body: stream.',
};

/** Schema types that have no JSON form, whatever converter writes for them. */
export function hasNoJsonForm(type: string): boolean {
  return Object.hasOwn(ADVICE, type);
}

/** `path` is the place in the converted schema: `['properties', 'tags', 'items']` reads as `tags[]`. */
export function unconvertible(path: readonly (string | number)[], reason: string): ModelProblem {
  const advice = ADVICE[reason] ?? `${reason.replace(/\.$/, '')}. Use a schema with a JSON form.`;
  return {
    code: 'bind.unconvertible_model',
    message: `cannot be published because of "${propertyPath(path)}": ${advice}`,
  };
}

export function notAnObject(type: string): ModelProblem {
  const advice = /union|intersection/.test(type)
    ? 'MCP clients refuse such a root. Use one z.object({ … }) with the alternatives in a property, or A.extend(B.shape).'
    : 'Arguments and results have names, so the root must be z.object({ … }). Put this schema in a property of one, and transforms in the handler.';
  return { code: 'bind.model_not_an_object', message: `is a zod ${type}, not an object. ${advice}` };
}

/** Keywords whose next segment is a name and not a keyword. */
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions']);

function propertyPath(path: readonly (string | number)[]): string {
  let text = '';
  for (let index = 0; index < path.length; index++) {
    const step = String(path[index]);
    if (NAMED.has(step) && index + 1 < path.length) text += `${text && '.'}${String(path[++index])}`;
    else if (step === 'items' || step === 'prefixItems') text += '[]';
    else if (step === 'additionalProperties') text += '.*';
  }
  return text || 'the root';
}
