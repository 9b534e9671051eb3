import assert from 'node:assert/strict';
import type { CallOutcome } from './client-session.ts';

interface Envelope {
  readonly error: { readonly code: string; readonly message: string; readonly http_status: number };
}

/** Reads the refusal out of a JSON-RPC error, and checks that code, message and envelope tell the same. */
export function refusalFromError(error: { code: number; message: string; data?: unknown }, shown: string): CallOutcome {
  const envelope = asEnvelope(error.data);
  assert.equal(error.code, envelope.error.http_status, 'the JSON-RPC code is not the status of the envelope');
  assert.equal(error.message, envelope.error.message, 'the JSON-RPC message is not that of the envelope');
  return { kind: 'refused', carrier: 'error', status: error.code, code: envelope.error.code, shown };
}

/** Reads the refusal out of a result with isError: prose, a newline, the envelope. */
export function refusalFromResult(
  result: { content?: readonly unknown[]; structuredContent?: unknown },
  shown: string,
): CallOutcome {
  assert.equal(result.structuredContent, undefined, 'a result with isError carries structuredContent');
  const [block, ...others] = (result.content ?? []) as { type: string; text?: string }[];
  assert.equal(others.length, 0, 'a refusal has more than one block');
  assert.equal(block?.type, 'text', 'a refusal is not text');
  const [prose, json] = splitOnce(block.text ?? '', '\n');
  const envelope = asEnvelope(JSON.parse(json));
  assert.equal(prose, envelope.error.message, 'the prose is not the message of the envelope');
  const { http_status: status, code } = envelope.error;
  return { kind: 'refused', carrier: 'result', status, code, shown };
}

/** Resource links of a result's content. */
export function linksOf(content: readonly unknown[] | undefined): string[] {
  return ((content ?? []) as { type: string; uri?: string }[])
    .filter((block) => block.type === 'resource_link')
    .map((block) => block.uri ?? '');
}

/** The text of the first content of a resources/read result. */
export function textOf(result: { contents: readonly unknown[] }): string {
  const [content] = result.contents as { text?: string }[];
  assert.equal(typeof content?.text, 'string', 'the resource has no text');
  return content?.text ?? '';
}

function asEnvelope(value: unknown): Envelope {
  const error = (value as Partial<Envelope> | undefined)?.error;
  assert.equal(typeof error?.code, 'string', `no error envelope in ${JSON.stringify(value)}`);
  return value as Envelope;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
