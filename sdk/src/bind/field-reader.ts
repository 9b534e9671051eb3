import { didYouMean } from './did-you-mean.ts';
import type { Findings } from './findings.ts';
import type { Position } from './spec-positions.ts';
import { kindName, type YamlList, type YamlMap, type YamlNode } from './yaml-node.ts';

export interface ReadContext {
  readonly findings: Findings;
  /** Unknown keys are errors instead of warnings. */
  readonly strict: boolean;
}

/**
 * Reads the fields of one mapping and reports what does not fit. It learns the known keys from what it is asked for,
 * so read every field unconditionally and call `close` last.
 */
export class FieldReader {
  readonly map: YamlMap;
  readonly context: ReadContext;
  readonly #what: string;
  readonly #known = new Set<string>();

  /** `what` names the mapping in messages: `The spec`, `Scope 2`. */
  constructor(map: YamlMap, what: string, context: ReadContext) {
    this.map = map;
    this.#what = what;
    this.context = context;
  }

  /** Position of the value at a path of keys, or of its nearest parent when it is absent. */
  at(...path: readonly string[]): Position {
    let node: YamlNode = this.map;
    for (const key of path) {
      const next: YamlNode | undefined = node.kind === 'map' ? node.entries.get(key)?.value : undefined;
      if (!next) break;
      node = next;
    }
    return node.at;
  }

  node(key: string): YamlNode | undefined {
    this.#known.add(key);
    const node = this.map.entries.get(key)?.value;
    return node?.kind === 'scalar' && node.value === null ? undefined : node;
  }

  /** True when the key is there, with or without a value. */
  has(key: string): boolean {
    return this.map.entries.has(key);
  }

  requiredText(key: string, advice: string): string | undefined {
    if (this.node(key) === undefined) this.missing(key, advice);
    return this.text(key);
  }

  /** Text that is not blank. */
  text(key: string): string | undefined {
    const node = this.node(key);
    if (!node) return undefined;
    if (node.kind !== 'scalar') return this.#wrongType(key, node, 'text');
    if (typeof node.value !== 'string') return this.#wrongType(key, node, `text. Quote it: ${key}: "${node.source}"`);
    if (node.value.trim() !== '') return node.value;
    const message = `${this.#what} has an empty ${key}. Fill it in, or remove the line if it is optional.`;
    this.context.findings.error('spec.missing_field', node.at, message);
    return undefined;
  }

  boolean(key: string): boolean | undefined {
    const node = this.node(key);
    if (!node) return undefined;
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
    return this.#wrongType(key, node, 'true or false');
  }

  number(key: string): number | undefined {
    const node = this.node(key);
    if (!node) return undefined;
    if (node.kind === 'scalar' && typeof node.value === 'number') return node.value;
    return this.#wrongType(key, node, 'a number without quotes');
  }

  list(key: string): YamlList | undefined {
    const node = this.node(key);
    if (!node || node.kind === 'list') return node;
    return this.#wrongType(key, node, 'a list: one "- " line for each entry, or []');
  }

  mapping(key: string): YamlMap | undefined {
    const node = this.node(key);
    if (!node || node.kind === 'map') return node;
    return this.#wrongType(key, node, 'a mapping of "key: value" lines');
  }

  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined) {
      const hint = didYouMean(text, choices) || '.';
      const message = `${this.#what} has ${key}: ${text}, which is not one of ${choices.join(', ')}${hint}`;
      this.context.findings.error('spec.invalid_choice', this.at(key), message);
    }
    return choice;
  }

  missing(key: string, advice: string): void {
    // A key without a value is the better place to point at; without the key, its parent is.
    const at = this.map.entries.get(key)?.keyAt ?? this.map.at;
    this.context.findings.error('spec.missing_field', at, `${this.#what} has no ${key}. ${advice}`);
  }

  /** Reports the keys that nothing has asked for. */
  close(): void {
    for (const [key, entry] of this.map.entries) {
      if (this.#known.has(key) || key.startsWith('x-')) continue;
      const hint = didYouMean(key, this.#known) || '. Remove it, or start it with "x-" to keep a note of your own.';
      const message = `${this.#what} has the unknown key "${key}"${hint}`;
      if (this.context.strict) this.context.findings.error('spec.unknown_key', entry.keyAt, message);
      else this.context.findings.warn('spec.unknown_key', entry.keyAt, message);
    }
  }

  #wrongType(key: string, node: YamlNode, expected: string): undefined {
    const message = `${this.#what} has ${kindName(node)} as ${key}, which must be ${expected}.`;
    this.context.findings.error('spec.wrong_type', node.at, message);
    return undefined;
  }
}
