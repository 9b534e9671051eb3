import type { JsonSchema } from '../../contract/json.ts';
import type { SchemaFeature } from './client-profile.ts';

export interface FeatureFound {
  readonly feature: SchemaFeature;
  /** Property path for people: `tags[]`; empty for the root. */
  readonly path: string;
}

/** What is in a published input schema that some client cannot take, each feature at its first place. */
export function schemaFeatures(schema: JsonSchema): FeatureFound[] {
  const found = new Map<SchemaFeature, string>();
  const note = (feature: SchemaFeature, path: string): void => {
    if (!found.has(feature)) found.set(feature, path);
  };
  if (['oneOf', 'anyOf', 'allOf'].some((keyword) => keyword in schema)) note('root-combinator', '');
  if (['if', 'not', 'dependentSchemas'].some((keyword) => keyword in schema)) note('root-conditional', '');
  for (const name of Object.keys((schema.properties ?? {}) as object))
    if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(name)) note('odd-property-name', name);
  walk(schema, '', note);
  if (JSON.stringify(schema).includes('"$ref":"#"')) note('recursion', '');
  return [...found].map(([feature, path]) => ({ feature, path }));
}

type Note = (feature: SchemaFeature, path: string) => void;

function walk(node: unknown, path: string, note: Note): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as JsonSchema;
  if (typeof schema.$ref === 'string') note('reference', path);
  if (Array.isArray(schema.prefixItems)) note('tuple', path);
  if (schema.type === 'array' && schema.items === undefined && schema.prefixItems === undefined)
    note('array-without-items', path);
  if (Array.isArray(schema.enum) && schema.enum.some((value) => typeof value !== 'string' && value !== null))
    note('enum-of-numbers', path);
  for (const [name, property] of Object.entries((schema.properties ?? {}) as { [name: string]: JsonSchema })) {
    const inner = path ? `${path}.${name}` : name;
    if (isUntyped(property)) note('property-without-type', inner);
    walk(property, inner, note);
  }
  walk(schema.items, `${path}[]`, note);
  for (const keyword of ['prefixItems', 'anyOf', 'oneOf', 'allOf'])
    if (Array.isArray(schema[keyword])) for (const part of schema[keyword]) walk(part, path, note);
  walk(schema.additionalProperties, `${path}.*`, note);
  for (const definition of Object.values((schema.$defs ?? {}) as object)) walk(definition, path, note);
}

function isUntyped(property: unknown): boolean {
  if (typeof property !== 'object' || property === null) return false;
  return !['type', '$ref', 'anyOf', 'oneOf', 'allOf', 'enum', 'const'].some((keyword) => keyword in property);
}
