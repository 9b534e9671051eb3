import type { Handler } from '../contract/handler.ts';
import type { JsonSchema } from '../contract/json.ts';
import type { MuscleSpec, PromptSpec, ResourceSpec, ScopeSpec } from '../contract/spec.ts';

/** One thing wrong with an input, in the words a caller can act on. */
export interface Issue {
  /** Dotted path into the value, `''` for the root: `tags.0`. */
  readonly path: string;
  readonly message: string;
}
/** A value with defaults applied, or what is wrong with it. */
export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: Issue[] };
/** Checks a value and returns it with defaults applied. Compiled once, at load. */
export type Parse = (value: unknown) => Parsed;

/** A scope with its handler and its compiled models. */
export interface BoundScope {
  readonly spec: ScopeSpec;
  readonly handler: Handler;
  /** Root is `type: object`, without root `oneOf`/`anyOf`/`allOf` unless hand-written. */
  readonly inputSchema: JsonSchema;
  readonly parseInput: Parse;
  /** This and `parseOutput` are there when the spec names an output model. */
  readonly outputSchema?: JsonSchema;
  readonly parseOutput?: Parse;
}

/** A resource with the functions that its spec names. */
export interface BoundResource {
  readonly spec: ResourceSpec;
  readonly handler: Handler;
  readonly lister?: Handler;
  readonly completer?: Handler;
}

/** A prompt with the functions that its spec names. */
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
