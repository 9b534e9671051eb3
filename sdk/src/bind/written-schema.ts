import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema } from '../contract/json.ts';
import type { Issue } from './bound-muscle.ts';
import { ajvLibrary } from './lazy-libraries.ts';
import { refused, type Adapted, type ModelProblem } from './adapted-model.ts';
import { modelParse } from './model-parse.ts';
import { inspectSchema } from './schema-limits.ts';

/**
 * Compiles hand-written schemas of one muscle. Make a new one for each load: a compiler keeps what it compiled, so a
 * shared one grows with every reload and answers a repeated `$id` with the old schema.
 */
export class SchemaCompiler {
  readonly #ajv = newCompiler();

  /** The schema is published word for word; only its root is held to what MCP clients take. */
  adapt(schema: JsonSchema): Adapted {
    const inspected = inspectSchema(schema);
    if (inspected.problems.length > 0) return refused(...inspected.problems);
    const ill = illFormed(schema);
    if (ill) return refused(ill);
    let validate: ValidateFunction;
    try {
      // Two schemas with one id would be taken for each other, so these get a compiler to themselves.
      validate = (inspected.hasIds ? newCompiler() : this.#ajv).compile(schema);
    } catch (error) {
      return refused(invalid(error instanceof Error ? error.message : String(error)));
    }
    const parse = modelParse('input', (value) => {
      // Defaults are written into the value, which belongs to the caller.
      const own = inspected.hasDefaults ? structuredClone(value) : value;
      if (validate(own)) return { ok: true, value: own };
      return { ok: false, issues: issues(validate.errors ?? []) };
    });
    return { ok: true, model: { schema, parse } };
  }
}

let metaSchema: Ajv2020 | undefined;

/**
 * What the meta-schema says against a schema. Asked before the compiler, because it says where the defect is. One
 * validator serves everybody: it keeps nothing of what it looks at, and making one takes longer than all its work.
 */
export function illFormed(schema: JsonSchema): ModelProblem | undefined {
  metaSchema ??= newCompiler();
  if (metaSchema.validateSchema(schema) === true) return undefined;
  const error = metaSchema.errors?.[0];
  const path = pointerSteps(error?.instancePath ?? '');
  const where = path.length > 0 ? `"${path.join('.')}" ` : '';
  return { ...invalid(`${where}${error ? said(error) : 'is refused'}`), path };
}

function newCompiler(): Ajv2020 {
  const { Ajv2020 } = ajvLibrary();
  return new Ajv2020({
    strict: false,
    allErrors: true,
    useDefaults: true,
    validateFormats: false,
    addUsedSchema: false,
    logger: false,
  });
}

function invalid(reason: string): ModelProblem {
  const message = `is not valid JSON Schema 2020-12: ${reason.slice(0, 300)}. Correct it there.`;
  return { code: 'bind.invalid_input_schema', message };
}

function* issues(errors: readonly ErrorObject[]): Iterable<Issue> {
  for (const error of errors) {
    const path = pointerSteps(error.instancePath).join('.');
    const inside = (name: unknown) => (path ? `${path}.${String(name)}` : String(name));
    const { missingProperty, additionalProperty, unevaluatedProperty } = error.params;
    const unknown: unknown = additionalProperty ?? unevaluatedProperty;
    if (error.keyword === 'required') yield { path: inside(missingProperty), message: 'Required' };
    else if (typeof unknown === 'string') yield { path: inside(unknown), message: 'Unknown property' };
    else yield { path, message: said(error) };
  }
}

function said(error: ErrorObject): string {
  const { allowedValues, allowedValue } = error.params;
  if (error.keyword === 'enum') return `must be one of ${JSON.stringify(allowedValues)}`;
  if (error.keyword === 'const') return `must be ${JSON.stringify(allowedValue)}`;
  return error.message ?? `fails ${error.keyword}`;
}

/** `/a~1b/0` as `['a/b', '0']`. */
function pointerSteps(pointer: string): string[] {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
