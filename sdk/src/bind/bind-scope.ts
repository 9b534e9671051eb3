import type { ScopeSpec } from '../contract/spec.ts';
import type { Handler } from '../contract/handler.ts';
import type { ScopeSchemas } from './bind-published.ts';
import type { BoundScope } from './bound-muscle.ts';
import { checkReferences } from './check-references.ts';
import type { Findings } from './findings.ts';
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
  /** What the models of this scope were converted to before. */
  readonly known?: ScopeSchemas | undefined;
  /** Where the scope stands in spec.yaml. */
  readonly path: SpecPath;
}

/** Finds handler and models of one scope; nothing once a defect is reported. */
export function bindScope(spec: ScopeSpec, context: BindScopeContext): BoundScope | undefined {
  const handler = context.module.handler(spec.handler, [...context.path, 'handler']);
  const input = bindInput(spec, context);
  const output = spec.outputModel === undefined ? undefined : bindModel(spec.outputModel, 'output', context);
  if (handler) checkKind(spec, handler, context);
  if (input) checkReferences(spec, input.schema, context);
  if (!handler || !input || (spec.outputModel !== undefined && !output)) return undefined;
  return {
    spec,
    handler,
    inputSchema: input.schema,
    parseInput: input.parse,
    ...(output && { outputSchema: output.schema, parseOutput: output.parse }),
  };
}

/** A generator's body runs piece by piece, and only for a caller that asks for pieces. */
function checkKind(spec: ScopeSpec, handler: Handler, { findings, positions, path }: BindScopeContext): void {
  const at = positions.at([...path, 'handler']);
  const made = Object.prototype.toString.call(handler);
  if (spec.kind === 'stream' && made !== '[object AsyncGeneratorFunction]') {
    const message = `The scope "${spec.name}" is a stream, but its handler "${spec.handler}" is not an async generator. Write "export async function* ${spec.handler}(…)" and yield the pieces, or take "kind: stream" out.`;
    findings.error('bind.stream_not_a_generator', at, message);
  } else if (spec.kind !== 'stream' && /GeneratorFunction\]$/.test(made)) {
    const message = `The handler "${spec.handler}" is a generator, but the scope "${spec.name}" answers in one result. Add "kind: stream" to the scope, or take the "*" out of the function.`;
    findings.error('bind.generator_not_a_stream', at, message);
  }
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
  const known = side === 'input' ? context.known?.inputSchema : context.known?.outputSchema;
  return model && report(adaptModel(model.value, side, known), { name: `The model "${name}"`, path }, context);
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
