import type { Json, JsonObject } from '@northstar/sdk';
import type { SpecTree } from '@northstar/sdk/bind';
import { z } from 'zod';

/**
 * Everything that an isolate may say, checked before the host acts on it: the code inside may be hostile, and can reach
 * whatever the honest part of the isolate can. Unknown members are refused.
 */
const object = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
const json = z.custom<Json>((value) => value !== undefined);
const call = z.string().max(64);
const count = z.int().min(0);

export const ServiceRequest = z.strictObject({ call, name: z.string().max(40), args: object });
export const StreamRef = z.strictObject({ call, stream: count });
export const LogNotice = z.strictObject({
  call,
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string().max(10_000),
  fields: object.optional(),
});
export const UpdatedNotice = z.strictObject({ call, uri: z.string().max(2000) });

const diagnostic = z.strictObject({
  severity: z.enum(['error', 'warning']),
  code: z.string().regex(/^[a-z]+\.[a-z0-9_]+$/),
  message: z.string().max(10_000),
  file: z.string().max(4096),
  line: count,
  column: count,
});
export const LoadedReply = z.strictObject({
  diagnostics: z.array(diagnostic).max(500),
  scopes: z
    .array(
      z.strictObject({
        name: z.string().max(100),
        inputSchema: z.unknown().optional(),
        outputSchema: z.unknown().optional(),
      }),
    )
    .max(10_000),
});
export type LoadedReply = z.infer<typeof LoadedReply>;

const issue = z.strictObject({ path: z.string().max(2000), message: z.string().max(10_000) });
export const ParsedReply = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.unknown().optional() }),
  z.strictObject({ ok: z.literal(false), issues: z.array(issue).max(100) }),
]);

/** What a handler threw. */
export const ThrownData = z.discriminatedUnion('from', [
  z.strictObject({
    from: z.literal('muscle'),
    code: z.string().max(200),
    message: z.string().max(4000),
    status: z.number(),
    retryable: z.boolean(),
    details: object,
  }),
  /** An error that the host itself sent in this call, by its number. */
  z.strictObject({ from: z.literal('host'), error: count }),
  /** The answer cannot be one. */
  z.strictObject({
    from: z.literal('answer'),
    code: z.enum(['muscle.invalid_result', 'payload.too_large']),
    message: z.string().max(2000),
    details: object,
    why: z.string().max(10_000).optional(),
  }),
  z.strictObject({ from: z.literal('other'), text: z.string().max(20_000) }),
]);
export type ThrownData = z.infer<typeof ThrownData>;

export const AnswerReply = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('value'), value: z.unknown().optional() }),
  z.strictObject({
    kind: z.literal('tool'),
    structured: object.optional(),
    content: z.array(object),
    isError: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('input'), questions: object, state: json.optional() }),
  z.strictObject({
    kind: z.literal('binary'),
    mediaType: z.string().max(1000),
    size: count,
    sha256: z.string().max(200).optional(),
    name: z.string().max(1000).optional(),
    uri: z.string().max(2000).optional(),
  }),
  z.strictObject({ kind: z.literal('error'), thrown: ThrownData }),
]);
export type AnswerReply = z.infer<typeof AnswerReply>;

export const OpenReply = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), stream: count }),
  z.strictObject({ ok: z.literal(false), thrown: ThrownData }),
]);
export const PullReply = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), done: z.boolean() }),
  z.strictObject({ ok: z.literal(false), thrown: ThrownData }),
]);
export const SetupReply = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ ok: z.literal(false), diagnostic }),
]);

/** An error of a store or a gate, as the muscle gets to see it. `error` is what it has to name to pass it on. */
export interface HostErrorData {
  readonly error: number;
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly status?: number;
  readonly retryable?: boolean;
}

/** Which handler of which loaded muscle. */
export interface PartRef {
  readonly instance: number;
  readonly kind: 'tool' | 'resource' | 'prompt' | 'listing' | 'completion';
  readonly name: string;
}

/** What the isolate builds `ctx` from. */
export interface CallFacts {
  readonly request: JsonObject;
  readonly deadline: number;
  readonly clientCapabilities: JsonObject;
  readonly answers?: JsonObject;
  readonly state?: Json;
  readonly upload?: { readonly stream: number; readonly mediaType?: string; readonly size?: number };
  /** Which of `tabular`, `objects` and `events` the context carries. */
  readonly stores: readonly string[];
}

export interface RunParams {
  readonly call: string;
  readonly part: PartRef;
  /** Number of the arguments that the isolate has parsed and kept, or the arguments themselves where nothing parses. */
  readonly held?: number;
  readonly args?: unknown;
  readonly facts: CallFacts;
}

export interface SetupParams {
  readonly instance: number;
  /** Milliseconds that it may take. */
  readonly ms: number;
}

export interface LoadParams {
  readonly instance: number;
  readonly id: string;
  readonly dir: string;
  /** What spec.yaml says, as the host read it. */
  readonly tree: SpecTree;
  readonly cacheDir: string;
  /** Milliseconds for importing its code. */
  readonly importMs: number;
  /** Bytes of JSON in one result. */
  readonly resultBytes: number;
}
