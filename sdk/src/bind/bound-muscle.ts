import type { Handler } from '../contract/handler.ts';
import type { JsonSchema } from '../contract/json.ts';
import type { MuscleSpec, PromptSpec, ResourceSpec, ScopeSpec } from '../contract/spec.ts';

/** One thing wrong with an input, in the words a caller can act on. */
export interface Issue {
  /** Dotted path into the value, `''` for the root: `tags.0`. */
  readonly path: string;
  readonly message: string;
}
export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: Issue[] };
/** Checks a value and returns it with defaults applied. Compiled once, at load. */
export type Parse = (value: unknown) => Parsed;

export interface BoundScope {
  readonly spec: ScopeSpec;
  readonly handler: Handler;
  /** Root is `type: object`, without root `oneOf`/`anyOf`/`allOf` unless hand-written. */
  readonly inputSchema: JsonSchema;
  readonly parseInput: Parse;
  readonly outputSchema?: JsonSchema;
  readonly parseOutput?: Parse;
}
export interface BoundResource {
  readonly spec: ResourceSpec;
  readonly handler: Handler;
  readonly lister?: Handler;
  readonly completer?: Handler;
}
export interface BoundPrompt {
  readonly spec: PromptSpec;
  readonly handler: Handler;
  readonly completer?: Handler;
}

/** A muscle whose spec and code fit together. Handlers here are raw: only the host's activator may seal and run them. */
export interface BoundMuscle {
  readonly spec: MuscleSpec;
  readonly scopes: readonly BoundScope[];
  readonly resources: readonly BoundResource[];
  readonly prompts: readonly BoundPrompt[];
  /** Optional export of impl.ts: runs once before the muscle serves. */
  readonly setup?: () => unknown;
  /** Optional export of impl.ts: runs once after its last call. */
  readonly dispose?: () => unknown;
}
