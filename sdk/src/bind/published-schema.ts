import type { JsonSchema } from '../contract/json.ts';
import type { ModelProblem } from './adapted-model.ts';

/**
 * The last step before a converted model is published: plain JSON without dialect, inlined at the root, and checked to
 * be what every MCP client takes. One schema that is not makes a client drop the whole tool list.
 */
export function publishedSchema(
  converted: object,
): { ok: true; schema: JsonSchema } | { ok: false; problem: ModelProblem } {
  // Converters attach functions and share objects between places; the wire has neither.
  const { $schema: _dialect, ...plain } = JSON.parse(JSON.stringify(converted)) as JsonSchema;
  const schema = inlineRoot(plain);
  const rootUnion = ['oneOf', 'anyOf', 'allOf'].find((keyword) => keyword in schema);
  if (schema.type !== 'object' || rootUnion) {
    const found = rootUnion ? `has ${rootUnion} at its root` : 'does not have type: object at its root';
    const message = `${found}, which MCP clients refuse. Remove such .meta() from the model.`;
    return { ok: false, problem: { code: 'bind.model_not_an_object', message } };
  }
  const broken = brokenRef(schema, schema);
  if (broken !== undefined) {
    const message = `cannot be published: its JSON Schema refers to "${broken}", which is not there. Name the shared schema with .meta({ id }), or repeat it.`;
    return { ok: false, problem: { code: 'bind.unconvertible_model', message } };
  }
  return { ok: true, schema: 'properties' in schema ? schema : { ...schema, properties: {} } };
}

/** A model with `.meta({ id })` comes out as a bare reference to its own definition. */
function inlineRoot(schema: JsonSchema): JsonSchema {
  const match = typeof schema.$ref === 'string' ? /^#\/\$defs\/([^/]+)$/.exec(schema.$ref) : null;
  const definitions = schema.$defs as Record<string, JsonSchema> | undefined;
  const name = match?.[1]?.replaceAll('~1', '/').replaceAll('~0', '~');
  const root = name === undefined ? undefined : definitions?.[name];
  if (!root || name === undefined || !definitions) return schema;
  const { id: _id, ...inlined } = root;
  const others = Object.fromEntries(Object.entries(definitions).filter(([key]) => key !== name));
  const stillUsed = JSON.stringify([inlined, others]).includes(JSON.stringify(schema.$ref));
  const kept = stillUsed ? definitions : others;
  return { ...inlined, ...(Object.keys(kept).length > 0 && { $defs: kept }) };
}

function brokenRef(node: unknown, root: JsonSchema): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  for (const [key, value] of Object.entries(node)) {
    if (key === '$ref' && typeof value === 'string' && !resolves(value, root)) return value;
    const broken = brokenRef(value, root);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function resolves(ref: string, root: JsonSchema): boolean {
  if (!ref.startsWith('#')) return false;
  let node: unknown = root;
  for (const step of ref.slice(1).split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return false;
    node = (node as Record<string, unknown>)[key];
  }
  return true;
}
