import type { Diagnostic } from '../bind/diagnostic.ts';
import type { SpecPositions } from '../bind/spec-positions.ts';
import type { MuscleSpec } from '../contract/spec.ts';
import type { ProbeResult } from './run-probe.ts';
import type { SourceFacts } from './source/source-facts.ts';

/** Everything that the rules look at; reading it is not their business. */
export interface MuscleFacts {
  /** Absolute folder, and what package.json in it names. */
  readonly dir: string;
  readonly dependencies: ReadonlySet<string>;
  /** Paths as findings show them. */
  readonly specFile: string;
  readonly implFile: string;
  /** Absent when spec.yaml has an error. */
  readonly spec?: MuscleSpec;
  readonly specText: string;
  readonly positions: SpecPositions;
  readonly specDiagnostics: readonly Diagnostic[];
  /** impl.ts first, then what it imports from the folder; empty when there is no impl.ts. */
  readonly sources: readonly SourceFacts[];
  /** Absent when there was nothing to import. */
  readonly probe?: ProbeResult;
}
