import type { Diagnostic } from '../bind/diagnostic.ts';
import type { JsonSchema } from '../contract/json.ts';

/** What the probe is asked to import and bind. */
export interface ProbeTask {
  /** Absolute folder of the muscle. */
  readonly dir: string;
  /** The files of the muscle as JavaScript, by their absolute paths. Nothing else of TypeScript is imported. */
  readonly compiled: { readonly [path: string]: string };
  readonly specText: string;
}

export interface ProbedScope {
  readonly name: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  /** For each example, what its model says against it. */
  readonly exampleIssues: readonly (readonly string[])[];
}

/** What importing threw, as text: errors do not cross processes. */
export interface ImportFailure {
  readonly message: string;
  readonly stack: string;
}

export interface ProbeReport {
  readonly failure?: ImportFailure;
  /** Names of the exports, and their `typeof`; `model` for what looks like a zod schema. */
  readonly exports: { readonly [name: string]: string };
  readonly diagnostics: readonly Diagnostic[];
  readonly scopes: readonly ProbedScope[];
}
