import type { JsonSchema } from '../contract/json.ts';
import type { Parse } from './bound-muscle.ts';
import type { DiagnosticCode } from './diagnostic-codes.ts';

/** A model or hand-written schema, ready to publish and to check values with. */
export interface AdaptedModel {
  readonly schema: JsonSchema;
  readonly parse: Parse;
}

export interface ModelProblem {
  readonly code: DiagnosticCode;
  /** What is wrong and how to put it right, to stand after the name of the model. */
  readonly message: string;
  /** Where in a hand-written schema. */
  readonly path?: readonly (string | number)[];
}

export type Adapted =
  | { readonly ok: true; readonly model: AdaptedModel }
  | { readonly ok: false; readonly problems: readonly ModelProblem[] };

/** Whether a model describes what comes in (defaults still missing) or what goes out (defaults filled in). */
export type ModelSide = 'input' | 'output';

export function refused(...problems: ModelProblem[]): Adapted {
  return { ok: false, problems };
}
