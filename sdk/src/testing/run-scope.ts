import { didYouMean } from '../bind/did-you-mean.ts';
import type { BoundScope, Issue } from '../bind/bound-muscle.ts';
import type { CapabilityProperties } from '../contract/capabilities.ts';
import type { Handler } from '../contract/handler.ts';
import { MuscleError } from '../contract/muscle-error.ts';
import { isBinaryResult, isInputRequired, isToolResult } from '../contract/result.ts';
import {
  fakeContext,
  refusedByGate,
  type FakeContext,
  type FakeContextOptions,
  type FakeStores,
  type Recorded,
} from './fake-context.ts';
import { loadMuscle, type LoadedMuscle } from './load-muscle.ts';
import { runPieces } from './run-pieces.ts';

/** A call that was answered; one that failed rejects instead. */
export interface ScopeRun {
  /** What the handler returned; of a stream scope that returned nothing, what it yielded. */
  readonly result: unknown;
  /** Its facts: the plain JSON, or `structured` of a toolResult. */
  readonly structured?: unknown;
  readonly recorded: Recorded;
  /** The stores it worked on; pass them on to go on where this run stopped. */
  readonly stores: FakeStores;
}

const PROPERTIES: { readonly [C in keyof CapabilityProperties]: keyof FakeStores } = {
  tabular_store: 'tabular',
  object_store: 'objects',
  event_spine: 'events',
};

/**
 * Runs one scope as the host would, without a host: checks the arguments, asks the gate, gives the handler the
 * capabilities that the muscle requires and no others, stops it when time is up, and checks its answer. Takes every
 * piece of a stream scope, and waits for what a job scope does behind its answer.
 *
 * Rejects with what the handler threw, or with a MuscleError: `validation.failed` 400, `policy.denied` 403,
 * `muscle.failed` 503 when time is up, `request.cancelled` 499 when the signal aborts, `internal` 500 for an answer
 * that does not fit its model.
 */
export async function runScope(
  muscle: string | LoadedMuscle,
  name: string,
  args: unknown = {},
  options: FakeContextOptions = {},
): Promise<ScopeRun> {
  const { muscle: bound } = typeof muscle === 'string' ? await loadMuscle(muscle) : muscle;
  const scope = bound.scopes.find(({ spec }) => spec.name === name);
  if (!scope) {
    const names = bound.scopes.map(({ spec }) => spec.name);
    throw new Error(
      `${bound.spec.id} has no scope "${name}"${didYouMean(name, names) || ` (it has ${names.join(', ')})`}`,
    );
  }
  const parsed = scope.parseInput(args);
  if (!parsed.ok) throw failure('validation.failed', 400, `${name} refuses the arguments: ${told(parsed.issues)}`);
  if (options.allow?.(name) === false) throw refusedByGate(name);

  const timeoutMs = options.timeoutMs ?? scope.spec.timeoutMs;
  const limit = startLimit(name, timeoutMs, options.signal);
  const full = fakeContext({ ...options, timeoutMs, signal: limit.signal });
  const { tabular, objects, events, recorded, ...base } = full;
  const stores: FakeStores = { tabular, objects, events };
  const granted = Object.fromEntries(
    bound.spec.requires.map((capability) => [PROPERTIES[capability], stores[PROPERTIES[capability]]]),
  );
  try {
    const ctx = Object.freeze({ ...base, ...granted }) as FakeContext;
    const work = call(scope.handler, ctx, parsed.value);
    const pieces = scope.spec.kind === 'stream' ? runPieces(await work, limit.signal, recorded.pieces) : work;
    // What loses against the limit may still reject later.
    pieces.catch(() => undefined);
    const result = await Promise.race([pieces, limit.passed]);
    return { result, ...answered(scope, result), recorded, stores };
  } finally {
    limit.clear();
  }
}

async function call(handler: Handler, ctx: FakeContext, args: unknown): Promise<unknown> {
  return handler(ctx, args as never);
}

/** The facts of an answer, checked against the output model where there is one. */
function answered(scope: BoundScope, result: unknown): { structured?: unknown } {
  if (isBinaryResult(result) || isInputRequired(result)) return {};
  const facts = isToolResult(result) ? result.structured : result;
  if (facts === undefined) return {};
  const structured: unknown = JSON.parse(JSON.stringify(facts));
  const checked = isToolResult(result) && result.isError ? undefined : scope.parseOutput?.(structured);
  if (checked?.ok === false)
    throw failure(
      'internal',
      500,
      `The answer of ${scope.spec.name} does not fit ${scope.spec.outputModel}: ${told(checked.issues)}`,
    );
  return { structured };
}

function startLimit(name: string, timeoutMs: number, caller?: AbortSignal) {
  const controller = new AbortController();
  let giveUp!: (error: unknown) => void;
  const passed = new Promise<never>((_, reject) => (giveUp = reject));
  passed.catch(() => undefined);
  const end = (error: MuscleError): void => {
    controller.abort(error);
    giveUp(error);
  };
  const timer = setTimeout(
    () => end(failure('muscle.failed', 503, `${name} did not answer within ${timeoutMs} ms.`)),
    timeoutMs,
  );
  const onAbort = (): void => end(failure('request.cancelled', 499, `The caller of ${name} gave up.`));
  if (caller?.aborted) onAbort();
  else caller?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    passed,
    clear(): void {
      clearTimeout(timer);
      caller?.removeEventListener('abort', onAbort);
    },
  };
}

function failure(code: string, status: number, message: string): MuscleError {
  return new MuscleError({ code, status, message });
}

function told(issues: readonly Issue[]): string {
  return issues.map(({ path, message }) => `${path || 'the arguments'}: ${message}`).join('; ');
}
