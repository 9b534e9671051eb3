import type { JsonObject, JsonSchema } from '../contract/json.ts';

/** Arguments that no model of this schema may accept: no object, a required one missing, one of another type. */
export function wrongArguments(schema: JsonSchema, right: JsonObject): unknown[] {
  const properties = (schema.properties ?? {}) as { [name: string]: JsonSchema };
  const required = (schema.required ?? []) as string[];
  const wrong: unknown[] = [null, 'text', [], JSON.parse('{"__proto__": {}}')];
  for (const name of required) {
    const { [name]: _left, ...rest } = right;
    wrong.push(rest);
  }
  for (const [name, { type }] of Object.entries(properties)) {
    // A coerced number takes texts of digits, and a text may take anything that prints; an object is neither.
    if (type === 'string' || type === 'number' || type === 'integer' || type === 'boolean')
      wrong.push({ ...right, [name]: { not: 'this' } });
  }
  return wrong;
}
