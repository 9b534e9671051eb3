import type { Json, JsonObject, JsonSchema } from './json.ts';

const RESULT = Symbol.for('@northstar/sdk/result@1');

/** Text that clients show, or hand to their model, as it stands. `text()` makes one. */
export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}
/** A picture or a sound inside the answer. `image()` and `audio()` make one from bytes. */
export interface MediaBlock {
  readonly type: 'image' | 'audio';
  /** Base64. */
  readonly data: string;
  /** Such as `image/png`. */
  readonly mimeType: string;
}
/** Points at a resource that the client may read if it wants to, instead of sending it. `resourceLink()` makes one. */
export interface ResourceLinkBlock {
  readonly type: 'resource_link';
  readonly uri: string;
  readonly name: string;
  readonly description?: string;
  readonly mimeType?: string;
  /** Bytes. */
  readonly size?: number;
}
/** A resource sent along whole, for what is small. `embeddedText()` makes one from a text. */
export interface EmbeddedResourceBlock {
  readonly type: 'resource';
  readonly resource: ResourceContent;
}
/** One piece of a tool's answer, as MCP defines it. */
export type ContentBlock = TextBlock | MediaBlock | ResourceLinkBlock | EmbeddedResourceBlock;

/** What reading a resource gives: text, or base64 in `blob`. */
export type ResourceContent =
  | { readonly uri: string; readonly mimeType?: string; readonly text: string }
  | { readonly uri: string; readonly mimeType?: string; readonly blob: string };

/** One entry that a resource lister names. */
export interface ListedResource {
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  /** Bytes. */
  readonly size?: number;
}

/** One message of a prompt, or of what a client's model is asked, in the order of the conversation. */
export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly content: ContentBlock;
}

/** Structured facts plus blocks beside them. The host adds the facts as a text block, so every client sees them. */
export interface ToolResult {
  readonly [RESULT]: 'tool';
  readonly structured?: JsonObject;
  readonly content: readonly ContentBlock[];
  /** The call worked, but its outcome is a failure that the model should see and react to. */
  readonly isError: boolean;
}

/** Bytes. Streamed as they are over an http binding; inlined as base64 over MCP up to the host's limit. */
export interface BinaryResult {
  readonly [RESULT]: 'binary';
  readonly mediaType: string;
  /** Bytes of the whole, whatever range was asked for. */
  readonly size: number;
  /** Hex SHA-256 of the bytes, sent as ETag where it is known. */
  readonly sha256?: string;
  /** File name for downloads. */
  readonly name?: string;
  readonly uri?: string;
  /**
   * Opens the bytes, all or a range (first and last included). Called at most once, possibly after the handler has
   * returned; the context's stores still work then.
   */
  readonly open: (range?: readonly [number, number]) => Promise<AsyncIterable<Uint8Array>>;
}

/**
 * What a client can be asked: `elicit` its user, with a flat JSON Schema of the form; `sample` its model, for at most
 * `maxTokens` tokens; `roots` for the folders that it works in. `ctx.clientCapabilities` says what it takes.
 */
export type ClientQuestion =
  | { readonly ask: 'elicit'; readonly message: string; readonly schema: JsonSchema }
  | { readonly ask: 'sample'; readonly messages: readonly PromptMessage[]; readonly maxTokens: number }
  | { readonly ask: 'roots' };

/** Questions that the client must answer before the call can go on; it then calls again with `ctx.answers`. */
export interface InputRequired {
  readonly [RESULT]: 'input';
  readonly questions: { readonly [name: string]: ClientQuestion };
  readonly state?: Json;
}

/** A handler returns plain JSON, or one of the results that the helpers below make. */
export type HandlerResult = Json | undefined | void | object;

/**
 * What a job may answer: plain JSON, or a `toolResult`. Its caller is gone by then, so there is nobody to send bytes to
 * and nobody to ask.
 */
export type JobResult = Json | undefined | void | JobFacts;

/** Any object but another result, and but a promise of one. */
type JobFacts = object & { readonly [RESULT]?: 'tool'; readonly then?: never };

/** Answers with facts and blocks: `toolResult({structured: asset, content: [link]})`. */
export function toolResult(result: {
  structured?: JsonObject;
  content?: readonly ContentBlock[];
  isError?: boolean;
}): ToolResult {
  return {
    [RESULT]: 'tool',
    ...(result.structured && { structured: result.structured }),
    content: result.content ?? [],
    isError: result.isError ?? false,
  };
}

/** Answers with bytes. */
export function binaryResult(result: Omit<BinaryResult, typeof RESULT>): BinaryResult {
  return { [RESULT]: 'binary', ...result };
}

/** Asks the client's user or model something. `state` comes back untouched in `ctx.state`. */
export function inputRequired(request: {
  questions: { readonly [name: string]: ClientQuestion };
  state?: Json;
}): InputRequired {
  return {
    [RESULT]: 'input',
    questions: request.questions,
    ...(request.state !== undefined && { state: request.state }),
  };
}

function kindOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? (value as { [RESULT]?: string })[RESULT] : undefined;
}

/** True for what `toolResult` of any copy of this package made. */
export const isToolResult = (value: unknown): value is ToolResult => kindOf(value) === 'tool';
/** True for what `binaryResult` of any copy of this package made. */
export const isBinaryResult = (value: unknown): value is BinaryResult => kindOf(value) === 'binary';
/** True for what `inputRequired` of any copy of this package made. */
export const isInputRequired = (value: unknown): value is InputRequired => kindOf(value) === 'input';
