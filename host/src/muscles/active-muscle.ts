import type { HttpBinding, JsonSchema, MuscleSpec, PromptSpec, ResourceSpec, ScopeSpec } from '@northstar/sdk';
import type { IsolateHealth } from './isolation/isolate-health.ts';
import type { GuardedScope } from '../policy/guarded-scope.ts';
import type { MuscleLifetime } from './muscle-lifetime.ts';

/** A scope ready to be listed and called. */
export interface ActiveTool {
  readonly spec: ScopeSpec;
  readonly toolId: string;
  /** Name on the wire: dots as underscores, which every known client accepts. */
  readonly wireName: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly http?: HttpBinding;
  readonly guarded: GuardedScope;
}

export interface ActiveResource {
  readonly spec: ResourceSpec;
  readonly toolId: string;
  readonly guarded: GuardedScope;
  readonly lister?: GuardedScope;
  readonly completer?: GuardedScope;
}

export interface ActivePrompt {
  readonly spec: PromptSpec;
  readonly toolId: string;
  readonly wireName: string;
  readonly guarded: GuardedScope;
  readonly completer?: GuardedScope;
}

/** A muscle whose every handler is sealed. This is all that the gateway ever sees of it. */
export interface ActiveMuscle {
  readonly spec: MuscleSpec;
  /** Counts the calls that run on this version. */
  readonly lifetime: MuscleLifetime;
  readonly tools: readonly ActiveTool[];
  readonly resources: readonly ActiveResource[];
  readonly prompts: readonly ActivePrompt[];
  /** How the isolate that it runs in is doing; absent for one that runs in the host. */
  readonly isolate?: () => IsolateHealth;
  readonly dispose: () => Promise<void>;
}
