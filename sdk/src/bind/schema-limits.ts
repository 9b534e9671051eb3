import type { JsonSchema } from '../contract/json.ts';
import type { ModelProblem } from './adapted-model.ts';

const MAX_SCHEMA_DEPTH = 32;
const MAX_SUBSCHEMAS = 2000;
/** Characters of a regular expression. Longer ones are generated, and cost a caller's time on every call. */
const MAX_PATTERN_LENGTH = 500;
const DIALECT = /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/;

/** Keywords that hold schemas under names of the author's choice. */
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
/** Keywords that hold data, in which `$ref` is only a word. */
const DATA = new Set(['const', 'enum', 'default', 'examples', 'required', 'dependentRequired']);
const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef']);

type Path = readonly (string | number)[];

export interface InspectedSchema {
  readonly problems: readonly ModelProblem[];
  readonly hasDefaults: boolean;
  /** Some part has an `$id` of its own. */
  readonly hasIds: boolean;
}

/** Bounds a hand-written schema before it is compiled, and says where it asks for what the host does not do. */
export function inspectSchema(schema: JsonSchema): InspectedSchema {
  const inspector = new Inspector();
  inspector.root(schema);
  return inspector;
}

class Inspector implements InspectedSchema {
  readonly problems: ModelProblem[] = [];
  hasDefaults = false;
  hasIds = false;
  #count = 0;

  root(schema: JsonSchema): void {
    if (schema.$schema !== undefined && !DIALECT.test(String(schema.$schema))) {
      this.#add(
        'bind.invalid_input_schema',
        ['$schema'],
        'names another dialect. Write it in draft 2020-12 and remove $schema.',
      );
    }
    if (schema.type !== 'object') {
      this.#add('bind.invalid_input_schema', [], 'does not describe an object. Add "type: object" at its root.');
    }
    this.#schema(schema, [], 1);
  }

  #schema(schema: unknown, path: Path, depth: number): void {
    if (typeof schema !== 'object' || schema === null || this.#exhausted(path, depth)) return;
    if (Array.isArray(schema)) {
      schema.forEach((item, index) => this.#schema(item, [...path, index], depth));
      return;
    }
    this.#count++;
    for (const [keyword, value] of Object.entries(schema))
      this.#keyword(keyword, value, { path: [...path, keyword], depth });
  }

  #keyword(keyword: string, value: unknown, { path, depth }: { path: Path; depth: number }): void {
    if (keyword === 'default') this.hasDefaults = true;
    if (keyword === '$id') this.hasIds = true;
    if (DATA.has(keyword)) return;
    if (keyword === '$async') {
      // Such a validator answers with a promise, which counts as true: every value would pass.
      this.#add('bind.invalid_input_schema', path, 'has $async, which is not JSON Schema. Remove it.');
    } else if (REFERENCES.has(keyword) && typeof value === 'string' && !value.startsWith('#')) {
      const message = `refers to "${value}", and the host fetches nothing. Copy it under $defs and write "#/$defs/…".`;
      this.#add('bind.external_ref', path, message);
    } else if (keyword === 'pattern' && typeof value === 'string') this.#pattern(value, path);
    else if (NAMED.has(keyword) && typeof value === 'object' && value !== null) {
      for (const [name, child] of Object.entries(value)) {
        if (keyword === 'patternProperties') this.#pattern(name, [...path, name]);
        this.#schema(child, [...path, name], depth + 1);
      }
    } else this.#schema(value, path, depth + 1);
  }

  #pattern(pattern: string, path: Path): void {
    if (pattern.length <= MAX_PATTERN_LENGTH) return;
    const message = `has a pattern of ${pattern.length} characters; at most ${MAX_PATTERN_LENGTH} are compiled. Check that part in the handler.`;
    this.#add('bind.schema_too_complex', path, message);
  }

  #exhausted(path: Path, depth: number): boolean {
    if (depth <= MAX_SCHEMA_DEPTH && this.#count < MAX_SUBSCHEMAS) return false;
    if (!this.problems.some((problem) => problem.code === 'bind.schema_too_complex')) {
      const message =
        depth > MAX_SCHEMA_DEPTH
          ? `nests deeper than ${MAX_SCHEMA_DEPTH} schemas. Flatten it, or check the inner part in the handler.`
          : `has more than ${MAX_SUBSCHEMAS} schemas inside it. Describe the outer shape and check the rest in the handler.`;
      this.#add('bind.schema_too_complex', path, message);
    }
    return true;
  }

  #add(code: ModelProblem['code'], path: Path, message: string): void {
    this.problems.push({ code, message, path });
  }
}
