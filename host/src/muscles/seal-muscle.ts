import type { MuscleSpec } from '@northstar/sdk';
import {
  scopePromise,
  wireName,
  type BoundMuscle,
  type BoundPrompt,
  type BoundResource,
  type BoundScope,
  type Parse,
} from '@northstar/sdk/bind';
import { sealScope, type GuardedFacts, type GuardedScope } from '../policy/guarded-scope.ts';
import { JOB_SCHEMA, jobCompanions } from './job-companions.ts';
import type { ActiveMuscle, ActivePrompt, ActiveResource, ActiveTool } from './active-muscle.ts';
import { MuscleLifetime } from './muscle-lifetime.ts';

/** What every scope of one version of a muscle shares. */
interface Home {
  readonly spec: MuscleSpec;
  readonly lifetime: MuscleLifetime;
}

/** A bound scope whose arguments may be checked elsewhere. */
export type SealableScope = Omit<BoundScope, 'parseInput'> & Pick<GuardedFacts, 'parseInput' | 'releaseInput'>;

/** What can be sealed: a muscle that was bound in the host, or one that runs in an isolate. */
export type SealableMuscle = Omit<BoundMuscle, 'scopes' | 'setup'> &
  Pick<ActiveMuscle, 'isolate'> & { readonly scopes: readonly SealableScope[] };

/** Turns bound handlers into guarded ones. After this nothing but policy can make them run. */
export function sealMuscle(bound: SealableMuscle): ActiveMuscle {
  const { spec } = bound;
  const lifetime = new MuscleLifetime(spec.id);
  const home: Home = { spec, lifetime };
  let disposed = false;
  return Object.freeze({
    spec,
    lifetime,
    tools: Object.freeze(bound.scopes.flatMap((scope) => sealTools(home, scope))),
    resources: Object.freeze(bound.resources.map((resource) => sealResource(home, resource))),
    prompts: Object.freeze(bound.prompts.map((prompt) => sealPrompt(home, prompt))),
    ...(bound.isolate && { isolate: bound.isolate }),
    dispose: async () => {
      if (disposed) return;
      disposed = true;
      await bound.dispose?.();
    },
  });
}

/** A job scope brings the tools that its callers need to follow it. */
function sealTools(home: Home, bound: SealableScope): ActiveTool[] {
  if (bound.spec.kind !== 'job') return [sealTool(home, bound)];
  const { name } = bound.spec;
  const started = { ...bound, outputSchema: JOB_SCHEMA };
  return [sealTool(home, started), ...jobCompanions(bound).map((companion) => sealTool(home, companion, name))];
}

function sealTool({ spec: muscle, lifetime }: Home, bound: SealableScope, jobsOf?: string): ActiveTool {
  const { spec, inputSchema, outputSchema } = bound;
  const facts: GuardedFacts = {
    name: spec.name,
    toolId: muscle.id,
    requires: muscle.requires,
    kind: 'tool',
    inPieces: spec.kind === 'stream',
    job: spec.kind === 'job',
    ...(jobsOf !== undefined && { jobsOf }),
    effects: spec.effects,
    timeoutMs: spec.timeoutMs,
    ...(spec.subject && { subject: spec.subject }),
    parseInput: bound.parseInput,
    ...(bound.releaseInput && { releaseInput: bound.releaseInput }),
    ...(bound.parseOutput && { parseOutput: bound.parseOutput }),
    promise: scopePromise(bound),
  };
  return Object.freeze({
    spec,
    toolId: muscle.id,
    wireName: wireName(spec.name),
    inputSchema: Object.freeze(inputSchema),
    ...(outputSchema && { outputSchema: Object.freeze(outputSchema) }),
    ...(spec.http && { http: spec.http }),
    guarded: sealScope(facts, bound.handler, lifetime),
  });
}

function sealResource(home: Home, bound: BoundResource): ActiveResource {
  const { spec } = bound;
  const sealPart = partSealer(home, spec);
  return Object.freeze({
    spec,
    toolId: home.spec.id,
    guarded: sealPart('resource', bound.handler),
    ...(bound.lister && { lister: sealPart('listing', bound.lister) }),
    ...(bound.completer && { completer: sealPart('completion', bound.completer) }),
  });
}

function sealPrompt(home: Home, bound: BoundPrompt): ActivePrompt {
  const { spec } = bound;
  const sealPart = partSealer(home, spec);
  return Object.freeze({
    spec,
    toolId: home.spec.id,
    wireName: wireName(spec.name),
    guarded: sealPart('prompt', bound.handler, promptArguments(bound)),
    ...(bound.completer && { completer: sealPart('completion', bound.completer) }),
  });
}

/** Resources, prompts, listings and completions only read, and share the policy action of what they belong to. */
function partSealer({ spec: muscle, lifetime }: Home, spec: BoundResource['spec'] | BoundPrompt['spec']) {
  return (kind: GuardedFacts['kind'], handler: BoundScope['handler'], parseInput: Parse = anything): GuardedScope =>
    sealScope(
      {
        name: spec.name,
        toolId: muscle.id,
        requires: muscle.requires,
        kind,
        effects: 'read',
        timeoutMs: spec.timeoutMs,
        ...('subject' in spec && spec.subject && { subject: spec.subject }),
        parseInput,
        promise: { kind, name: spec.name, description: spec.description },
      },
      handler,
      lifetime,
    );
}

/** The gateway builds these arguments itself, from a matched URI or a completion request. */
const anything: Parse = (value) => ({ ok: true, value });

function promptArguments({ spec }: BoundPrompt): Parse {
  return (value) => {
    const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
    const issues = spec.arguments
      .filter((argument) => argument.required && typeof given[argument.name] !== 'string')
      .map((argument) => ({ path: argument.name, message: 'required, a string' }));
    return issues.length > 0 ? { ok: false, issues } : { ok: true, value: given };
  };
}
