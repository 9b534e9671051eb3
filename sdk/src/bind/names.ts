/** Letters of the wire name of a tool; MCP clients refuse longer ones. */
export const MAX_NAME_LENGTH = 64;

const ID = /^[a-z][a-z0-9_]{0,39}$/;
const NAMESPACE = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/;
const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;

/** Whether a text can be the id of a muscle: a lower-case letter, then at most 39 of letters, digits and `_`. */
export const isMuscleId = (text: string): boolean => ID.test(text);
export const isNamespace = (text: string): boolean => NAMESPACE.test(text);
/** `<namespace>.<operation>`. */
export const isScopeName = (text: string): boolean => NAME.test(text);

/** The name of a scope as MCP clients see it: dots become underscores. */
export function wireName(scopeName: string): string {
  return scopeName.replaceAll('.', '_');
}

/** What the names of a muscle may start with when its spec has no namespace: `media_v2`, then `media.v2`. */
export function namespacesOf(id: string): string[] {
  const dotted = id.replaceAll('_', '.');
  // An id such as `a__b` or `a_2` has no dotted reading.
  return dotted === id || !isNamespace(dotted) ? [id] : [id, dotted];
}
