import { isBinaryResult, isInputRequired, isToolResult, type JsonObject } from '@northstar/sdk';
import type { Parse } from '@northstar/sdk/bind';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { Answer } from './invocation.ts';

interface Expectation {
  readonly action: string;
  readonly parseOutput?: Parse | undefined;
  /** Bytes of JSON. */
  readonly maxBytes: number;
}

/** Checks what a handler returned and brings it into one of the three shapes of an answer. */
export function normalizeAnswer(returned: unknown, expected: Expectation): Answer {
  if (isBinaryResult(returned)) return { kind: 'binary', binary: returned };
  if (isInputRequired(returned))
    return {
      kind: 'input',
      questions: returned.questions,
      ...(returned.state !== undefined && { state: returned.state }),
    };
  const result = isToolResult(returned) ? returned : { structured: returned, content: [], isError: false };
  const structured = result.isError ? result.structured : checkOutput(result.structured, expected);
  const text = asText(structured, expected);
  checkSize(text, expected);
  if (result.content.length > 0) checkSize(text + asText(result.content, expected), expected);
  return {
    kind: 'value',
    ...(isObject(structured) && { structured }),
    text,
    content: result.content,
    isError: result.isError,
    raw: returned,
  };
}

function checkOutput(value: unknown, { action, parseOutput }: Expectation): unknown {
  if (parseOutput === undefined) return value;
  const parsed = parseOutput(value);
  if (parsed.ok) return parsed.value;
  const issues = parsed.issues.map((issue) => `${issue.path || '(root)'}: ${issue.message}`).join('; ');
  throw new NorthstarError(
    'muscle.invalid_result',
    `${action} answered something that does not fit its output model.`,
    {
      cause: new Error(issues),
    },
  );
}

function asText(value: unknown, { action }: Expectation): string {
  if (value === undefined || value === null) return '';
  let text: string | undefined;
  try {
    text = typeof value === 'string' ? value : JSON.stringify(value);
  } catch (cause) {
    throw new NorthstarError('muscle.invalid_result', `${action} answered something that is not JSON.`, { cause });
  }
  if (text === undefined)
    throw new NorthstarError('muscle.invalid_result', `${action} answered something that is not JSON.`);
  return text;
}

function checkSize(text: string, { action, maxBytes }: Expectation): void {
  // A length is known at once, and no text has fewer bytes than characters.
  const bytes = text.length > maxBytes ? text.length : Buffer.byteLength(text);
  if (bytes > maxBytes)
    throw new NorthstarError(
      'payload.too_large',
      `The answer of ${action} has ${bytes} bytes; at most ${maxBytes} fit a result. Ask for less, or page through it.`,
      { details: { limit: maxBytes } },
    );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
