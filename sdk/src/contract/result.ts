import type { Json, JsonObject, JsonSchema } from './json.ts';

const RESULT = Symbol.for('@northstar/sdk/result@1');

export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}
export interface MediaBlock {
  readonly type: 'image' | 'audio';
  /** Base64. */
  readonly data: string;
  readonly mimeType: string;
}
export interface ResourceLinkBlock {
  readonly type: 'resource_link';
  readonly uri: string;
  readonly name: string;
  readonly description?: string;
  readonly mimeType?: string;
  /** Bytes. */
  readonly size?: number;
}
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
  readonly sha256?: string;
  readonly name?: string;
  readonly uri?: string;
  /**
   * Opens the bytes, all or a range (first and last included). Called at most once, possibly after the handler has
   * returned; the context's stores still work then.
   */
  readonly open: (range?: readonly [number, number]) => Promise<AsyncIterable<Uint8Array>>;
}

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
export const isToolResult = (value: unknown): value is ToolResult => kindOf(value) === 'tool';
export const isBinaryResult = (value: unknown): value is BinaryResult => kindOf(value) === 'binary';
export const isInputRequired = (value: unknown): value is InputRequired => kindOf(value) === 'input';
