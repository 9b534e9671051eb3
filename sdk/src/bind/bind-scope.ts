import type { ScopeSpec } from '../contract/spec.ts';
import type { BoundScope } from './bound-muscle.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Findings } from './findings.ts';
import { httpPathParameters } from './http-path.ts';
import type { Adapted, AdaptedModel, ModelSide } from './adapted-model.ts';
import { adaptModel } from './json-schema.ts';
import type { ModuleExports, SpecPath } from './module-exports.ts';
import type { SpecPositions } from './spec-positions.ts';
import type { SchemaCompiler } from './written-schema.ts';

interface BindScopeContext {
  readonly module: ModuleExports;
  readonly findings: Findings;
  readonly positions: SpecPositions;
  readonly compiler: () => SchemaCompiler;
  /** Where the scope stands in spec.yaml. */
  readonly path: SpecPath;
}

/** Finds handler and models of one scope; nothing once a defect is reported. */
export function bindScope(spec: ScopeSpec, context: BindScopeContext): BoundScope | undefined {
  const handler = context.module.handler(spec.handler, [...context.path, 'handler']);
  const input = bindInput(spec, context);
  const output = spec.outputModel === undefined ? undefined : bindModel(spec.outputModel, 'output', context);
  if (input) checkReferences(spec, input, context);
  if (!handler || !input || (spec.outputModel !== undefined && !output)) return undefined;
  return {
    spec,
    handler,
    inputSchema: input.schema,
    parseInput: input.parse,
    ...(output && { outputSchema: output.schema, parseOutput: output.parse }),
  };
}

function bindInput(spec: ScopeSpec, context: BindScopeContext): AdaptedModel | undefined {
  if (spec.inputModel !== undefined) return bindModel(spec.inputModel, 'input', context);
  if (spec.inputSchema === undefined) return undefined;
  const path = [...context.path, 'input_schema'];
  return report(context.compiler().adapt(spec.inputSchema), { name: 'The input_schema', path }, context);
}

function bindModel(name: string, side: ModelSide, context: BindScopeContext): AdaptedModel | undefined {
  const path = [...context.path, `${side}_model`];
  const model = context.module.model(name, path);
  return model && report(adaptModel(model.value, side), { name: `The model "${name}"`, path }, context);
}

function report(
  adapted: Adapted,
  subject: { name: string; path: SpecPath },
  { findings, positions }: BindScopeContext,
): AdaptedModel | undefined {
  if (adapted.ok) return adapted.model;
  for (const { code, message, path } of adapted.problems) {
    findings.error(code, positions.at([...subject.path, ...(path ?? [])]), `${subject.name} ${message}`);
  }
  return undefined;
}

/**
 * Parameters and subject name properties of the input. One that is not there would reach neither handler nor policy,
 * and a policy that looks for a subject must never silently find none.
 */
function checkReferences(spec: ScopeSpec, input: AdaptedModel, { findings, positions, path }: BindScopeContext): void {
  const properties = declaredProperties(input.schema);
  if (!properties) return;
  for (const name of spec.http ? httpPathParameters(spec.http.path) : []) {
    if (properties.includes(name)) continue;
    const hint = didYouMean(name, properties) || `. Add it to the input, or take it out of the path.`;
    const at = positions.at([...path, 'http', 'path']);
    findings.error('bind.unknown_http_param', at, `The input has no property "${name}" for the path parameter${hint}`);
  }
  const id = spec.subject?.id;
  if (id !== undefined && !properties.includes(id)) {
    const hint = didYouMean(id, properties) || '. Name a property of the input, or leave subject.id out.';
    const at = positions.at([...path, 'subject', 'id']);
    findings.error('bind.unknown_subject_property', at, `The input has no property "${id}" for the subject${hint}`);
  }
}

/** Nothing when a hand-written schema composes its properties in ways that cannot be listed. */
function declaredProperties(schema: { [keyword: string]: unknown }): string[] | undefined {
  const composed = ['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'if', 'patternProperties', 'dependentSchemas'];
  if (composed.some((keyword) => keyword in schema)) return undefined;
  const { properties } = schema;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}
