import type { Granted } from './capabilities.ts';
import type { Json, JsonObject } from './json.ts';
import type { Capability } from './spec.ts';

/** What a call is made for: `saas` and `enterprise` are the ones that customers pay for, `lab` is for trying out. */
export type Mode = 'saas' | 'enterprise' | 'lab';

/** Who calls, for whom, under which ids. Never the bearer token: a muscle cannot act as its caller elsewhere. */
export interface RequestFacts {
  readonly requestId: string;
  readonly runId?: string;
  readonly stepId?: string;
  readonly traceparent?: string;
  readonly mode: Mode;
  readonly tenantId: string;
  readonly projectId: string;
  readonly appId?: string;
  readonly surfaceId?: string;
  readonly actor: { readonly type: 'user' | 'agent'; readonly id: string };
}

/** Lines for the operator, each with fields of your own. Never a secret: logs are kept and copied. */
export interface MuscleLog {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}

/** A request body that was not read yet; arrives only through an http binding with `body: stream`. */
export interface Upload {
  readonly body: AsyncIterable<Uint8Array>;
  /** As declared by the sender; sniff before trusting it. */
  readonly mediaType?: string;
  /** Bytes, when the sender said. */
  readonly size?: number;
}

/** What the client's user or model answered to an earlier `inputRequired` of the same call, by request name. */
export type Answers = { readonly [name: string]: JsonObject };

export interface ContextBase {
  readonly request: RequestFacts;
  /** Aborts when the caller gives up or the deadline passes. Stop work and let go of resources. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch at which the host gives up on this call. */
  readonly deadline: number;
  /** Goes to the host's log with muscle, scope and request id. */
  readonly log: MuscleLog;
  /** What the client declared it can be asked for: `elicitation`, `sampling`, `roots`. */
  readonly clientCapabilities: JsonObject;
  readonly answers?: Answers;
  /** The `state` of the `inputRequired` that the answers belong to; sealed on the way, so it is what you gave. */
  readonly state?: Json;
  readonly upload?: Upload;
  /** Shown by clients that asked for progress; a no-op for the rest. */
  progress(update: { progress: number; total?: number; message?: string }): Promise<void>;
  /** A log line for the client's user; a no-op where the client did not ask for logging. */
  notifyLog(level: 'debug' | 'info' | 'notice' | 'warning' | 'error', data: Json): Promise<void>;
  /** Tells clients that watch this URI to read it again. Only this tenant's clients hear it. */
  resourceUpdated(uri: string): void;
  /**
   * Asks GateChain about something finer than the scope itself. Resolves when allowed; rejects with the denial, which
   * reaches the caller unless the handler catches it. Decided and recorded exactly like a call.
   */
  gate(action: string, subject?: { type: string; id: string }): Promise<void>;
}

/** What a handler receives first. Name the capabilities that spec.yaml requires: `MuscleContext<'tabular_store'>`. */
export type MuscleContext<C extends Capability = never> = ContextBase & Granted<C>;

/**
 * What the handler of a job receives first. Its caller has had an answer by then: there is no upload to read, and there
 * are no answers to questions. `progress` shows in the status of the job, and `signal` aborts when it is cancelled.
 */
export type JobContext<C extends Capability = never> = Omit<MuscleContext<C>, 'upload' | 'answers' | 'state'>;
