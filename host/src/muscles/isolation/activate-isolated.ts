import { join } from 'node:path';
import { DEFAULT_TIMEOUT_MS, type MuscleContext, type MuscleSpec } from '@northstar/sdk';
import {
  bindPublished,
  type Diagnostic,
  type ScopeSchemas,
  type SpecPositions,
  type SpecTree,
} from '@northstar/sdk/bind';
import type { ActivationLimits } from '../activate.ts';
import type { FoundMuscle } from '../discover.ts';
import { importDiagnostic } from '../import-diagnostic.ts';
import { codeFile } from '../muscle-importer.ts';
import type { SealableMuscle, SealableScope } from '../seal-muscle.ts';
import { handedOver } from './handed-over.ts';
import { IsolateEnded } from './isolate-life.ts';
import type { PartRef } from './messages.ts';
import type { Held, SupervisedIsolate } from './supervised-isolate.ts';

/** Where the code of a muscle may go. */
export interface Isolation {
  readonly isolate: SupervisedIsolate;
  readonly cacheDir: string;
  readonly limits: ActivationLimits;
  /** Bytes of JSON in one result. */
  readonly resultBytes: number;
}

export interface ParsedMuscle {
  readonly found: FoundMuscle;
  /** The whole of spec.yaml, read. */
  readonly tree: SpecTree;
  readonly spec: MuscleSpec;
  readonly positions: SpecPositions;
}

export interface IsolatedActivation {
  /** Absent when any diagnostic is an error. */
  readonly muscle?: SealableMuscle;
  readonly diagnostics: readonly Diagnostic[];
}

/** The number of the muscle in its isolate, once it has one. */
interface Placed {
  instance?: number;
}

/**
 * Loads a muscle in an isolate and gives what the host seals: handlers that call into the isolate, and schemas that the
 * host has checked itself. Names, policy facts and routes come from spec.yaml as the host read it. Never throws.
 */
export async function activateIsolated(parsed: ParsedMuscle, isolation: Isolation): Promise<IsolatedActivation> {
  const { isolate } = isolation;
  const placed: Placed = {};
  try {
    const outcome = await load(parsed, isolation, placed);
    if (outcome.muscle === undefined) await discard(isolate, placed);
    return outcome;
  } catch (error) {
    await discard(isolate, placed);
    const told = error instanceof IsolateEnded ? withLastLine(error) : error;
    return { diagnostics: [importDiagnostic('load.isolate_failed', codeFile(parsed.found.dir), told)] };
  }
}

async function load(
  { found, tree, spec, positions }: ParsedMuscle,
  { isolate, cacheDir, limits, resultBytes }: Isolation,
  placed: Placed,
): Promise<IsolatedActivation> {
  const { instance, loaded } = await isolate.add({
    id: found.id,
    dir: found.dir,
    tree,
    cacheDir,
    resultBytes,
    ...limits,
  });
  placed.instance = instance;
  const said = loaded.diagnostics;
  if (said.some(({ severity }) => severity === 'error')) return { diagnostics: said };
  const published = new Map(loaded.scopes.map((scope) => [scope.name, scope]));
  const bound = bindPublished({ spec, positions, file: join(found.dir, 'spec.yaml'), published });
  const diagnostics = [...said, ...bound.diagnostics];
  if (bound.schemas === undefined) return { diagnostics };
  const ready = await isolate.setup(instance);
  if (!ready.ok) return { diagnostics: [...diagnostics, ready.diagnostic] };
  return { muscle: sealable(spec, bound.schemas, { isolate, instance }), diagnostics };
}

/** What was placed in an isolate but does not serve gives its place back. */
async function discard(isolate: SupervisedIsolate, { instance }: Placed): Promise<void> {
  isolate.promised--;
  if (instance !== undefined) await isolate.remove(instance).catch(() => undefined);
  else if (isolate.promised === 0) await isolate.close();
}

/** The last line of a stack of a process that ended says more than its exit code. */
function withLastLine({ ending }: IsolateEnded): Error {
  const said = ending.detail?.split('\n').find((line) => /^\w*Error: /.test(line));
  return Object.assign(new Error(`${ending.reason}${said ? `: ${said}` : ''}`), { stack: ending.detail ?? '' });
}

function sealable(
  spec: MuscleSpec,
  schemas: ReadonlyMap<string, ScopeSchemas>,
  { isolate, instance }: { isolate: SupervisedIsolate; instance: number },
): SealableMuscle {
  const handlerOf = (kind: PartRef['kind'], name: string) => async (ctx: object, args: unknown) =>
    isolate.run({ part: { instance, kind, name }, args, ctx: ctx as MuscleContext });
  return {
    spec,
    scopes: spec.scopes.map((scope): SealableScope => {
      const part = { instance, kind: 'tool', name: scope.name } as const;
      // The checked arguments themselves stay in the isolate; what the host holds is their JSON, by which it finds them.
      const kept = new WeakMap<object, Held>();
      return {
        spec: scope,
        ...(schemas.get(scope.name) as ScopeSchemas),
        parseInput: async (value) => {
          const parsed = await isolate.parse(part, value, Math.min(scope.timeoutMs, DEFAULT_TIMEOUT_MS));
          if (!parsed.ok) return { ok: false, issues: parsed.issues };
          // A model's root is an object; whatever else an isolate says is no arguments.
          const args = Object(parsed.value ?? {}) as object;
          kept.set(args, parsed.held);
          return { ok: true, value: args };
        },
        releaseInput: (value) => {
          const held = kept.get(value as object);
          held?.life.forget(held.number);
        },
        handler: async (ctx: object, args: unknown) => {
          const held = kept.get(args as object);
          const job = { part, ctx: ctx as MuscleContext, ...(held && { held }) };
          if (scope.kind !== 'stream') return isolate.run(job);
          return handedOver((piece) => isolate.run({ ...job, piece })) as never;
        },
      };
    }),
    resources: spec.resources.map((resource) => ({
      spec: resource,
      handler: handlerOf('resource', resource.name),
      ...(resource.lister !== undefined && { lister: handlerOf('listing', resource.name) }),
      ...(resource.completer !== undefined && { completer: handlerOf('completion', resource.name) }),
    })),
    prompts: spec.prompts.map((prompt) => ({
      spec: prompt,
      handler: handlerOf('prompt', prompt.name),
      ...(prompt.completer !== undefined && { completer: handlerOf('completion', prompt.name) }),
    })),
    isolate: () => isolate.health(instance),
    dispose: async () => {
      isolate.promised--;
      await isolate.remove(instance);
    },
  };
}
