import type { Answers, ClientQuestion, ContentBlock, Json, JsonObject, Upload } from '@northstar/sdk';
import type { BinaryResult } from '@northstar/sdk';
import type { ErrorEnvelope } from '../errors/error-envelope.ts';
import type { RequestContext } from '../identity/request-context.ts';
import type { GuardedScope } from '../policy/guarded-scope.ts';
import type { Stay } from '../policy/scope-lifetime.ts';

/** The caller's side of a running call: what a transport can do while the handler works. All parts are optional. */
export interface CallerIo {
  /** Aborts when the caller gives up. */
  readonly signal?: AbortSignal;
  readonly progress?: (update: { progress: number; total?: number; message?: string }) => Promise<void>;
  /** Takes a piece of a stream scope's answer; the next one is made once it resolves. */
  readonly piece?: (piece: Json) => Promise<void>;
  readonly notifyLog?: (level: string, data: Json) => Promise<void>;
  readonly clientCapabilities?: JsonObject;
  readonly answers?: Answers;
  readonly state?: Json;
  readonly upload?: Upload;
}

/** One call, whatever transport it came in by. */
export interface Invocation {
  readonly scope: GuardedScope;
  readonly context: RequestContext;
  /** Unchecked. */
  readonly args: unknown;
  /** Stands where the arguments do not hold the subject that the spec names; `/actions/execute` has it in its body. */
  readonly subject?: { readonly type: string; readonly id: string };
  readonly io: CallerIo;
  /** From a transport that entered the scope before it had the whole request. */
  readonly stay?: Stay;
}

/** What a handler's answer became: the same three shapes for every transport. */
export type Answer =
  | {
      readonly kind: 'value';
      /** Checked against the output model where there is one. */
      readonly structured?: JsonObject;
      /** `structured` as JSON, or the plain text that the handler returned. */
      readonly text: string;
      readonly content: readonly ContentBlock[];
      readonly isError: boolean;
      /** What the handler returned, for resources, prompts and listings, which are not tool results. */
      readonly raw: unknown;
    }
  | { readonly kind: 'binary'; readonly binary: BinaryResult }
  | { readonly kind: 'input'; readonly questions: { readonly [name: string]: ClientQuestion }; readonly state?: Json };

/** Never thrown, always returned, so that no transport can forget the refusal. */
export type Outcome =
  { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly envelope: ErrorEnvelope };
