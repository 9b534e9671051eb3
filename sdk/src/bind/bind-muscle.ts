import type { MuscleSpec, PromptSpec, ResourceSpec } from '../contract/spec.ts';
import type { ScopeSchemas } from './bind-published.ts';
import { bindScope } from './bind-scope.ts';
import type { BoundMuscle, BoundPrompt, BoundResource, BoundScope } from './bound-muscle.ts';
import type { Diagnostic } from './diagnostic.ts';
import { Findings } from './findings.ts';
import { ModuleExports, type SpecPath } from './module-exports.ts';
import type { SpecPositions } from './spec-positions.ts';
import { SchemaCompiler } from './written-schema.ts';

/** A checked spec and the module that implements it. */
export interface BindMuscleOptions {
  readonly spec: MuscleSpec;
  /** Of the same spec.yaml, as `parseSpec` gave them. */
  readonly positions: SpecPositions;
  /** Path of spec.yaml for the diagnostics. */
  readonly file: string;
  /** The module namespace of impl.ts. */
  readonly exports: { readonly [name: string]: unknown };
  /** Path of impl.ts for the diagnostics. */
  readonly implFile: string;
  /**
   * By scope name: what an earlier bind of the same code and spec published. Spares converting the models; handlers and
   * models are looked up and held to their rules as ever. Trusted to be right.
   */
  readonly schemas?: ReadonlyMap<string, ScopeSchemas>;
}

/** A bound muscle, or why there is none. Warnings may come with either. */
export interface BindResult {
  /** Absent when any diagnostic is an error. */
  readonly muscle?: BoundMuscle;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Joins a checked spec to the module that implements it, and reports every defect in one pass at its place in
 * spec.yaml. Runs no code of the muscle. Never throws.
 */
export function bindMuscle({ spec, positions, file, exports, implFile, schemas }: BindMuscleOptions): BindResult {
  const findings = new Findings(file);
  const module = new ModuleExports({ exports, implFile, positions, findings });
  const compiler = lazy(() => new SchemaCompiler());

  const scopes = spec.scopes.flatMap((scope, index): BoundScope[] => {
    const known = schemas?.get(scope.name);
    const bound = bindScope(scope, { module, findings, positions, compiler, known, path: ['scopes', index] });
    return bound ? [bound] : [];
  });
  const resources = spec.resources.flatMap((entry, index) => bindResource(entry, ['resources', index], module));
  const prompts = spec.prompts.flatMap((entry, index) => bindPrompt(entry, ['prompts', index], module));
  const implFindings = new Findings(implFile);
  const lifecycle = { ...module.lifecycle('setup', implFindings), ...module.lifecycle('dispose', implFindings) };

  const diagnostics = [...findings.list, ...implFindings.list];
  if (findings.failed || implFindings.failed) return { diagnostics };
  return { muscle: { spec, scopes, resources, prompts, ...lifecycle }, diagnostics };
}

function bindResource(spec: ResourceSpec, path: SpecPath, module: ModuleExports): BoundResource[] {
  const handler = module.handler(spec.handler, [...path, 'handler']);
  const lister = spec.lister === undefined ? undefined : module.handler(spec.lister, [...path, 'lister']);
  const completer = spec.completer === undefined ? undefined : module.handler(spec.completer, [...path, 'completer']);
  return handler ? [{ spec, handler, ...(lister && { lister }), ...(completer && { completer }) }] : [];
}

function bindPrompt(spec: PromptSpec, path: SpecPath, module: ModuleExports): BoundPrompt[] {
  const handler = module.handler(spec.handler, [...path, 'handler']);
  const completer = spec.completer === undefined ? undefined : module.handler(spec.completer, [...path, 'completer']);
  return handler ? [{ spec, handler, ...(completer && { completer }) }] : [];
}

/** Most muscles have no hand-written schema, and a compiler costs milliseconds to make. */
function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
