import type { YamlEntry, YamlNode } from './yaml-node.ts';

/**
 * What a spec.yaml says and where, as JSON: a scalar is `[line, column, value]`, with its text as written where that
 * differs; a list is `{at, list}`; a mapping is `{at, map}` with `[key, line, column, value]` for each entry.
 */
export type SpecTree = ScalarTree | ListTree | MapTree;
type Scalar = string | number | boolean | null;
type ScalarTree = readonly [line: number, column: number, value: Scalar, source?: string];
type At = readonly [line: number, column: number];
interface ListTree {
  readonly at: At;
  readonly list: readonly SpecTree[];
}
interface MapTree {
  readonly at: At;
  readonly map: readonly (readonly [key: string, line: number, column: number, value: SpecTree])[];
}

/** For trees that `readYaml` accepted: what aliases repeat is written out, and that is bounded there. */
export function toSpecTree(node: YamlNode): SpecTree {
  const { line, column } = node.at;
  if (node.kind === 'scalar') {
    const { value, source } = node;
    return source === String(value) ? [line, column, value] : [line, column, value, source];
  }
  if (node.kind === 'list') return { at: [line, column], list: node.items.map(toSpecTree) };
  const entries = [...node.entries];
  return {
    at: [line, column],
    map: entries.map(([key, { keyAt, value }]) => [key, keyAt.line, keyAt.column, toSpecTree(value)]),
  };
}

/** The opposite of `toSpecTree`; for what it gave, and nothing else. */
export function fromSpecTree(tree: SpecTree): YamlNode {
  if (isScalar(tree)) {
    const [line, column, value, source = String(value)] = tree;
    return { kind: 'scalar', value, source, at: { line, column } };
  }
  const [line, column] = tree.at;
  const at = { line, column };
  if ('list' in tree) return { kind: 'list', items: tree.list.map(fromSpecTree), at };
  const entries = tree.map.map(([key, keyLine, keyColumn, value]): [string, YamlEntry] => [
    key,
    { keyAt: { line: keyLine, column: keyColumn }, value: fromSpecTree(value) },
  ]);
  return { kind: 'map', entries: new Map(entries), at };
}

function isScalar(tree: SpecTree): tree is ScalarTree {
  return Array.isArray(tree);
}
