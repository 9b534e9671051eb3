import type { Json } from '../contract/json.ts';
import type { BoundScope } from './bound-muscle.ts';

/** What a scope promises its callers. Its digest stands in every audit record, and in the manifest of a built muscle. */
export function scopePromise({
  spec,
  inputSchema,
  outputSchema,
}: Pick<BoundScope, 'spec' | 'inputSchema' | 'outputSchema'>): { [key: string]: Json } {
  return {
    name: spec.name,
    title: spec.title ?? null,
    description: spec.description,
    effects: spec.effects,
    input: asJson(inputSchema),
    output: asJson(outputSchema ?? null),
  };
}

function asJson(schema: object | null): Json {
  return schema as Json;
}
