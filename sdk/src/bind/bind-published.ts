import type { JsonSchema } from '../contract/json.ts';
import type { MuscleSpec } from '../contract/spec.ts';
import type { ModelProblem } from './adapted-model.ts';
import { checkReferences } from './check-references.ts';
import type { Diagnostic } from './diagnostic.ts';
import { Findings } from './findings.ts';
import type { SpecPath } from './module-exports.ts';
import { publishedSchema } from './published-schema.ts';
import { inspectSchema } from './schema-limits.ts';
import type { SpecPositions } from './spec-positions.ts';
import { illFormed } from './written-schema.ts';

/** What muscle code that runs elsewhere says of one scope. Unchecked. */
export interface PublishedScope {
  readonly inputSchema?: unknown;
  readonly outputSchema?: unknown;
}

/** The JSON Schemas of one scope, checked. The root of each is `type: object`. */
export interface ScopeSchemas {
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
}

/** A checked spec and what code elsewhere says of its scopes. */
export interface BindPublishedOptions {
  readonly spec: MuscleSpec;
  readonly positions: SpecPositions;
  /** Path of spec.yaml for the diagnostics. */
  readonly file: string;
  /** By scope name. */
  readonly published: ReadonlyMap<string, PublishedScope>;
}

/** Schemas that may be served, or why there are none. Warnings may come with either. */
export interface PublishedResult {
  /** By scope name; absent when any diagnostic is an error. */
  readonly schemas?: ReadonlyMap<string, ScopeSchemas>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Levels and values of one published schema; beyond what a model of use to anybody has. */
const MAX_DEPTH = 100;
const MAX_VALUES = 50_000;

/**
 * `bindMuscle` for code that runs elsewhere and may lie: holds the schemas that it publishes to the same rules, and
 * takes from spec.yaml whatever stands there. Compiles no schema and runs no pattern of the muscle. Never throws.
 */
export function bindPublished({ spec, positions, file, published }: BindPublishedOptions): PublishedResult {
  const findings = new Findings(file);
  const schemas = new Map<string, ScopeSchemas>();
  for (const [index, scope] of spec.scopes.entries()) {
    const path: SpecPath = ['scopes', index];
    const said = published.get(scope.name);
    const take = (value: unknown, key: string, name: string): JsonSchema | undefined => {
      const checked = key === 'input_schema' ? checkWritten(value) : checkPublished(value);
      if (checked.ok) return checked.schema;
      findings.error(checked.problem.code, positions.at([...path, key]), `${name} ${checked.problem.message}`);
      return undefined;
    };
    const input =
      scope.inputModel === undefined
        ? take(scope.inputSchema, 'input_schema', 'The input_schema')
        : take(said?.inputSchema, 'input_model', `The model "${scope.inputModel}"`);
    const output =
      scope.outputModel === undefined
        ? undefined
        : take(said?.outputSchema, 'output_model', `The model "${scope.outputModel}"`);
    if (input === undefined) continue;
    checkReferences(scope, input, { findings, positions, path });
    schemas.set(scope.name, { inputSchema: input, ...(output && { outputSchema: output }) });
  }
  return findings.failed ? { diagnostics: findings.list } : { schemas, diagnostics: findings.list };
}

type Checked = { ok: true; schema: JsonSchema } | { ok: false; problem: ModelProblem };

function checkPublished(value: unknown): Checked {
  if (!isBounded(value)) return unpublishable('has no JSON Schema of a sensible size');
  const published = publishedSchema(value);
  if (!published.ok) return published;
  // One schema that is not well-formed makes MCP clients and servers drop the whole list of tools.
  const ill = illFormed(published.schema);
  return ill ? { ok: false, problem: ill } : published;
}

function checkWritten(value: unknown): Checked {
  const schema = value as JsonSchema;
  const problem = inspectSchema(schema).problems[0] ?? illFormed(schema);
  return problem ? { ok: false, problem } : { ok: true, schema };
}

function unpublishable(message: string): Checked {
  return { ok: false, problem: { code: 'bind.unconvertible_model', message: `${message}.` } };
}

/** Counts without recursion, because what is counted may be made to overflow a stack. */
function isBounded(root: unknown): root is object {
  if (typeof root !== 'object' || root === null || Array.isArray(root)) return false;
  let values = 0;
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    values += level.length;
    if (depth > MAX_DEPTH || values > MAX_VALUES) return false;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return true;
}
