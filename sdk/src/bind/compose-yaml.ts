import type { Node, Range, Scalar, YAMLMap } from 'yaml';
import type { Findings } from './findings.ts';
import { yamlLibrary } from './lazy-libraries.ts';
import type { Position } from './spec-positions.ts';
import { isUnsafeKey } from './unsafe-keys.ts';
import { MAX_ALIASES, MAX_DEPTH, MAX_NODES, tooDeep, tooManyNodes } from './yaml-limits.ts';
import type { YamlEntry, YamlMap, YamlNode } from './yaml-node.ts';

/** A node, how many values it stands for once its aliases are expanded, and how many levels. */
interface Sized {
  readonly node: YamlNode;
  readonly weight: number;
  readonly height: number;
}

/**
 * Turns the parser's tree into ours, or gives nothing for an empty document and for one that is refused. An alias
 * becomes a second reference to the same node, and its weight is added up instead of its content being copied, so a
 * bomb is recognised for the price of reading it once.
 */
export function composeYaml(
  contents: unknown,
  findings: Findings,
  at: (offset: number) => Position,
): YamlNode | undefined {
  return new Composer(findings, at).root(contents);
}

class Composer {
  readonly #yaml = yamlLibrary();
  readonly #findings: Findings;
  readonly #at: (offset: number) => Position;
  readonly #anchors = new Map<string, Sized>();
  #aliases = 0;
  #refused = false;

  constructor(findings: Findings, at: (offset: number) => Position) {
    this.#findings = findings;
    this.#at = at;
  }

  root(contents: unknown): YamlNode | undefined {
    const root = this.#compose(contents as Node | null, { line: 1, column: 1 }, 0);
    if (root.height > MAX_DEPTH) this.#refuse('spec.too_deep', root.node.at, tooDeep());
    return this.#refused ? undefined : root.node;
  }

  #compose(node: Node | null, fallback: Position, depth: number): Sized {
    const at = this.#start(node) ?? fallback;
    // Past the cap the rest is cut off, so that neither this nor a later walk recurses further.
    if (depth > MAX_DEPTH) this.#refuse('spec.too_deep', at, tooDeep());
    if (!node || this.#refused) return leaf(null, '', fallback);
    if (this.#yaml.isAlias(node)) return this.#alias(node.source, at);
    const sized = this.#value(node, at, depth);
    // Here and not only at the root, so that the finding names the innermost list that is too much.
    if (sized.weight > MAX_NODES) this.#refuse('spec.too_many_nodes', at, tooManyNodes());
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor) this.#anchors.set(anchor, sized);
    return sized;
  }

  #value(node: Node, at: Position, depth: number): Sized {
    if (this.#yaml.isScalar(node)) return this.#scalar(node, at);
    if (this.#yaml.isMap(node)) return this.#map(node, at, depth);
    if (!this.#yaml.isSeq(node)) return leaf(null, '', at);
    const items = node.items.map((item) => this.#compose(item as Node | null, at, depth + 1));
    return {
      node: { kind: 'list', items: items.map((item) => item.node), at },
      weight: 1 + items.reduce((sum, item) => sum + item.weight, 0),
      height: 1 + items.reduce((max, item) => Math.max(max, item.height), 0),
    };
  }

  #map(map: YAMLMap, at: Position, depth: number): Sized {
    const entries = new Map<string, YamlEntry>();
    let weight = 1;
    let height = 0;
    for (const pair of map.items) {
      const keyAt = this.#start(pair.key as Node | null) ?? at;
      const value = this.#compose(pair.value as Node | null, keyAt, depth + 1);
      weight += 1 + value.weight;
      height = Math.max(height, value.height);
      const key = this.#key(pair.key, keyAt);
      if (key === undefined) continue;
      const earlier = entries.get(key);
      if (earlier) {
        const message = `"${key}" already stands on line ${earlier.keyAt.line}. Remove one of them.`;
        this.#findings.error('spec.duplicate_key', keyAt, message);
      } else entries.set(key, { keyAt, value: value.node });
    }
    return { node: { kind: 'map', entries, at } satisfies YamlMap, weight, height: height + 1 };
  }

  #key(key: unknown, at: Position): string | undefined {
    if (!this.#yaml.isScalar(key) || key.value === null) {
      this.#findings.error('spec.complex_key', at, 'A key must be a single word. Write "name: value".');
      return undefined;
    }
    // `200: ok` means the key "200", as it would in JSON.
    const text = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
    if (isUnsafeKey(text)) {
      this.#findings.error(
        'spec.forbidden_key',
        at,
        `"${text}" cannot be a key, because JavaScript objects inherit it. Rename it.`,
      );
      return undefined;
    }
    return text;
  }

  #scalar(scalar: Scalar, at: Position): Sized {
    const value = scalar.value;
    const source = scalar.source ?? String(value);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.#findings.error(
        'spec.not_json',
        at,
        `${source} has no JSON form. Leave the limit out, or write a finite number.`,
      );
      return leaf(null, source, at);
    }
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return leaf(value, source, at);
    }
    return leaf(String(value), source, at);
  }

  #alias(name: string, at: Position): Sized {
    this.#aliases++;
    if (this.#aliases > MAX_ALIASES) {
      this.#refuse('spec.too_many_aliases', at, `More than ${MAX_ALIASES} aliases. Write the values out.`);
    }
    const target = this.#anchors.get(name);
    // An anchor enters the map once it is complete, so one that contains this alias is not found either.
    if (!target) {
      const message = `No value above is named "&${name}", or this alias is inside it. Write the value out.`;
      this.#findings.error('spec.unknown_alias', at, message);
    }
    // Text stands in, so that the field does not also count as missing.
    return target ?? leaf(`*${name}`, `*${name}`, at);
  }

  #start(node: Node | null): Position | undefined {
    const range = node?.range as Range | null | undefined;
    return range ? this.#at(range[0]) : undefined;
  }

  #refuse(
    code: 'spec.too_deep' | 'spec.too_many_nodes' | 'spec.too_many_aliases',
    at: Position,
    message: string,
  ): void {
    if (!this.#refused) this.#findings.error(code, at, message);
    this.#refused = true;
  }
}

function leaf(value: string | number | boolean | null, source: string, at: Position): Sized {
  return { node: { kind: 'scalar', value, source, at }, weight: 1, height: 0 };
}
