import type { JsonObject, JsonSchema } from './json.ts';

/** What a muscle may ask the host for in `requires`. A handler's context carries the ones asked for and no others. */
export const CAPABILITIES = ['tabular_store', 'object_store', 'event_spine'] as const;
/** One entry of `requires`: `tabular_store` gives `ctx.tabular`, `object_store` `ctx.objects`, `event_spine` `ctx.events`. */
export type Capability = (typeof CAPABILITIES)[number];

/** What `effects` of a scope may say, from the least to the most. */
export const EFFECTS = ['read', 'write', 'destructive'] as const;
/** What calling a scope does to the world. Unstated means `destructive`: a client then asks its user first. */
export type Effects = (typeof EFFECTS)[number];

/** From the least protection to the most. */
export const ISOLATIONS = ['inline', 'worker', 'process'] as const;
/**
 * Where a muscle's code runs: in the host, in a thread of its own, or in a process of its own. The same impl.ts runs in
 * all three. An operator may demand more than the spec asks for, never less.
 */
export type Isolation = (typeof ISOLATIONS)[number];

/** What `kind` of a scope may say. */
export const SCOPE_KINDS = ['unary', 'job', 'stream'] as const;
/**
 * How a scope answers: `unary` with one result, `stream` in pieces and then with a result, `job` at once with a job id,
 * and with the result later. Unstated means `unary`.
 */
export type ScopeKind = (typeof SCOPE_KINDS)[number];

export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type HttpMethod = (typeof HTTP_METHODS)[number];

/** Milliseconds a handler may run when its spec does not say. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** The longest `timeout_ms` a spec may ask for: ten minutes. Longer work is a job. */
export const MAX_TIMEOUT_MS = 600_000;

/** Milliseconds a job may run when its spec does not say, and at most: ten minutes, a day. */
export const DEFAULT_JOB_TIMEOUT_MS = 600_000;
export const MAX_JOB_TIMEOUT_MS = 86_400_000;

/** The tools that the host adds to a job scope: `<name>.status` and `<name>.cancel`. */
export const JOB_COMPANIONS = ['status', 'cancel'] as const;

/** An HTTP route that runs the scope through the same pipeline as MCP. */
export interface HttpBinding {
  readonly method: HttpMethod;
  /** Path with `{name}` parameters, each a property of the input model: `/media-v2/assets/{asset_id}`. */
  readonly path: string;
  /**
   * `json` (default): the body is the arguments. `stream`: a body that is not JSON is handed to the handler as
   * `ctx.upload`, unread and of any length, and the arguments come from path and query.
   */
  readonly body: 'json' | 'stream';
}

/** Where policy finds the thing that a call acts on: its type, and the input property that holds its id. */
export interface SubjectRef {
  readonly type: string;
  readonly id?: string;
}

/** A call that works: read by people, run by `describeMuscle`. The host does not look at it. */
export interface ScopeExample {
  readonly title?: string;
  /**
   * A scope of the same muscle whose first example is run before this one. A text `{name}` among the arguments is
   * then the property `name` of what it answered.
   */
  readonly after?: string;
  readonly arguments: JsonObject;
}

/** One operation of a muscle; becomes one MCP tool. Field by field what spec.yaml says, defaults filled in. */
export interface ScopeSpec {
  /** `<namespace>.<operation>`, unique in the host. Policy calls it the action. */
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  /** Name of the export in impl.ts that runs the scope. */
  readonly handler: string;
  /** Name of the exported zod object that checks the arguments. Exactly one of this and `inputSchema` is set. */
  readonly inputModel?: string;
  readonly inputSchema?: JsonSchema;
  readonly outputModel?: string;
  readonly effects: Effects;
  readonly kind: ScopeKind;
  readonly subject?: SubjectRef;
  /** Milliseconds a call may take; of a job, its work. */
  readonly timeoutMs: number;
  readonly http?: HttpBinding;
  readonly examples: readonly ScopeExample[];
}

/** Something an MCP client can read by URI. `name` is the policy action, `<namespace>.<name>`. */
export interface ResourceSpec {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  /** A fixed URI, or an RFC 6570 level 1 template: `media-v2://assets/{asset_id}`. */
  readonly uri: string;
  readonly mimeType?: string;
  /** Export `(ctx, params) => ResourceContent`; `params` holds the template's variables, decoded, and the whole `uri`. */
  readonly handler: string;
  /** Export `(ctx) => ListedResource[]` that names what a template currently holds. */
  readonly lister?: string;
  /** Export `(ctx, {argument, value, filled}) => string[]` that completes a variable; `filled` has those known so far. */
  readonly completer?: string;
  readonly subject?: SubjectRef;
  readonly timeoutMs: number;
}

/** One argument of a prompt. Its value is always a text, which the client's user fills in. */
export interface PromptArgumentSpec {
  readonly name: string;
  readonly description?: string;
  /** Default false. */
  readonly required: boolean;
}

/** A prompt template that an MCP client offers its user. `name` is the policy action, `<namespace>.<name>`. */
export interface PromptSpec {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly arguments: readonly PromptArgumentSpec[];
  /** Export `(ctx, args) => PromptMessage[] | string`. */
  readonly handler: string;
  /** Export `(ctx, {argument, value, filled}) => string[]`; `filled` has the arguments known so far. */
  readonly completer?: string;
  readonly timeoutMs: number;
}

/** A whole spec.yaml, checked, with defaults filled in. */
export interface MuscleSpec {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly apiVersion: number;
  readonly version: string;
  readonly namespace: string;
  readonly requires: readonly Capability[];
  readonly isolation: Isolation;
  /** Muscles of one group share a thread or process, and with it their fate and their memory. */
  readonly isolationGroup?: string;
  readonly scopes: readonly ScopeSpec[];
  readonly resources: readonly ResourceSpec[];
  readonly prompts: readonly PromptSpec[];
}
