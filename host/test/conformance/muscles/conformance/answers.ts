import type { ClientQuestion, Json, JsonObject } from '@northstar/sdk';

/** A form of one required field. */
export function form(message: string, field: string, type: 'string' | 'boolean' = 'string'): ClientQuestion {
  return {
    ask: 'elicit',
    message,
    schema: { type: 'object', properties: { [field]: { type } }, required: [field] },
  };
}

export function sample(text: string, maxTokens = 100): ClientQuestion {
  return { ask: 'sample', messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens };
}

/** A field of a form that the user filled in; nothing when the user declined or the answer is not a form. */
export function accepted(answer: JsonObject | undefined, field: string): Json | undefined {
  return answer?.action === 'accept' ? asObject(answer.content)[field] : undefined;
}

export function acceptedText(answer: JsonObject | undefined, field: string): string | undefined {
  const value = accepted(answer, field);
  return typeof value === 'string' ? value : undefined;
}

/** What the client's model wrote. */
export function sampledText(answer: JsonObject | undefined): string | undefined {
  const { text } = asObject(answer?.content);
  return typeof text === 'string' ? text : undefined;
}

/** URIs of the client's roots. */
export function rootUris(answer: JsonObject | undefined): string[] | undefined {
  return Array.isArray(answer?.roots) ? answer.roots.map((root) => String(asObject(root).uri)) : undefined;
}

export function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
