import type { Position } from './spec-positions.ts';

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As written, for advice such as `quote it: "1.0"`. */
  readonly source: string;
  readonly at: Position;
}
export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly at: Position;
}
export interface YamlEntry {
  readonly keyAt: Position;
  readonly value: YamlNode;
}
export interface YamlMap {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, YamlEntry>;
  readonly at: Position;
}
/** A YAML value that knows its place. Aliases share one node, so a bomb is never expanded by building the tree. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** The plain JSON value. Only call it on a tree that `readYaml` accepted: there aliases are few and repeats counted. */
export function plainValue(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainValue(entry.value)]));
}

/** What to call a value in a message. */
export function kindName(node: YamlNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a mapping';
  if (node.value === null) return 'nothing';
  return typeof node.value === 'string' ? 'text' : `the ${typeof node.value} ${node.source}`;
}
