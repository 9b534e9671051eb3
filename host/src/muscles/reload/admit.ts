import { join } from 'node:path';
import type { ActiveMuscle } from '../active-muscle.ts';
import { separateCollisions } from '../collisions.ts';
import type { FoundMuscle } from '../discover.ts';
import type { MuscleRecord } from '../muscle-record.ts';
import type { Prepared } from './prepare-muscle.ts';

/** A folder that was loaded, for better or worse, and whose turn has come. */
export interface Candidate extends Prepared {
  readonly record: MuscleRecord;
  readonly found: FoundMuscle;
}

export interface Admission {
  readonly accepted: readonly (Candidate & { readonly muscle: ActiveMuscle })[];
  /** Those that did not load, and those that claim a name which somebody else has; each with its diagnostics. */
  readonly refused: readonly Candidate[];
}

/** Decides which candidates may serve beside all others that serve already, and among each other in their order. */
export function admit(candidates: readonly Candidate[], records: readonly MuscleRecord[]): Admission {
  const coming = new Set(candidates.map(({ record }) => record));
  const staying = records.flatMap((record) =>
    record.serving && !coming.has(record)
      ? [{ muscle: record.serving, file: join(record.found?.dir ?? record.id, 'spec.yaml') }]
      : [],
  );
  const loaded = candidates.flatMap((candidate) =>
    candidate.muscle ? [{ ...candidate, muscle: candidate.muscle, file: join(candidate.found.dir, 'spec.yaml') }] : [],
  );
  const { accepted, refused } = separateCollisions([...staying, ...loaded]);
  const collided = new Map(refused.map(({ contender, diagnostics }) => [contender.muscle, diagnostics]));
  const served = new Set(accepted.map(({ muscle }) => muscle));
  return {
    accepted: loaded.filter(({ muscle }) => served.has(muscle)),
    refused: candidates.flatMap((candidate) => {
      if (candidate.muscle === undefined) return [candidate];
      const collisions = collided.get(candidate.muscle);
      return collisions ? [{ ...candidate, diagnostics: [...candidate.diagnostics, ...collisions] }] : [];
    }),
  };
}
