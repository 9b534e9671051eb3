import type { Diagnostic } from '@northstar/sdk/bind';
import type { ActiveMuscle } from './active-muscle.ts';
import type { FoundMuscle } from './discover.ts';
import type { Decision } from './enabled/enabled-set.ts';
import { withHealth } from './isolation/with-health.ts';
import type { MuscleState, MuscleStatus } from './muscle-status.ts';
import { uncaughtDiagnostic, type UncaughtError } from './uncaught-error.ts';

/** What the registry knows of one id. Only the registry writes to it. */
export interface MuscleRecord {
  readonly id: string;
  /** Absent when no folder has the id. */
  found?: FoundMuscle;
  /** Further folders of the same id, which nobody serves. */
  twins: readonly FoundMuscle[];
  /** Digest of the folder as it was last loaded, whether or not that worked. */
  digest?: string;
  /** Loads even when the digest says that nothing has changed. */
  force: boolean;
  loading: boolean;
  /** Whether the latest attempt to load it failed. */
  failed: boolean;
  serving?: ActiveMuscle;
  /** Of the latest attempt. */
  diagnostics: readonly Diagnostic[];
  /** The latest error of the version that serves that nobody could catch, and how many there were. */
  uncaught?: { readonly error: UncaughtError; readonly times: number };
  /** Versions that were replaced or switched off, and whose calls or resources are not over yet. */
  readonly retiring: Set<ActiveMuscle>;
}

export function newRecord(id: string): MuscleRecord {
  return { id, twins: [], force: false, loading: false, failed: false, diagnostics: [], retiring: new Set() };
}

export function statusOf(record: MuscleRecord, decision: Decision): MuscleStatus {
  const { id, serving, diagnostics, twins, found } = record;
  const calls = [...record.retiring].reduce((sum, { lifetime }) => sum + lifetime.inFlight, 0);
  const uncaught = serving && record.uncaught;
  const told = uncaught ? [...diagnostics, uncaughtDiagnostic(uncaught.error, uncaught.times)] : diagnostics;
  const status: MuscleStatus = {
    id,
    state: stateOf(record, decision),
    ...(serving && { version: serving.spec.version }),
    tools: serving?.tools.map((tool) => tool.spec.name) ?? [],
    diagnostics: decision.enabled && found ? [...told, ...twins.map((twin) => twinOf(found, twin))] : [],
    ...(decision.by && { decided_by: decision.by }),
    ...(calls > 0 && { draining_calls: calls }),
  };
  return withHealth(status, serving?.isolate?.());
}

function stateOf(record: MuscleRecord, { enabled }: Decision): MuscleState {
  if (record.serving) return record.failed ? 'stale' : 'active';
  if (record.retiring.size > 0 && !(enabled && record.found)) return 'retiring';
  if (!enabled) return 'disabled';
  if (!record.found) return 'missing';
  return record.failed && !record.loading ? 'failed' : 'loading';
}

function twinOf(first: FoundMuscle, twin: FoundMuscle): Diagnostic {
  return {
    severity: 'error',
    code: 'load.name_collision',
    message: `The muscle id ${twin.id} is already taken by ${first.dir}. Rename the folder and its id here, or remove one of the two.`,
    file: `${twin.dir}/spec.yaml`,
    line: 1,
    column: 1,
  };
}
