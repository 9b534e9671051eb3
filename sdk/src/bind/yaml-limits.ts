import type { Findings } from './findings.ts';
import { yamlLibrary } from './lazy-libraries.ts';
import type { Position } from './spec-positions.ts';
import { YamlNesting } from './yaml-nesting.ts';

/** Bytes of UTF-8. The largest hand-written spec known is a tenth of this. */
export const MAX_SPEC_BYTES = 256 * 1024;
/** Levels of lists and mappings inside each other. */
export const MAX_DEPTH = 100;
/** Uses of `*alias` in one file. */
export const MAX_ALIASES = 16;
/** Values and keys in one file, counting again what an alias repeats. */
export const MAX_NODES = 20_000;
/** Lexical tokens, about eight for each line. The parser behind this costs microseconds for each. */
const MAX_TOKENS = 100_000;

/** Marks that the lexer sets before what follows; they take no room in the text. */
const CONTROL_TOKENS = new Set(['\u0002', '\u0018', '\u001f', '\ufeff']);

/**
 * Refuses a hostile text before the YAML parser sees it. The parser recurses for every level and keeps every syntax
 * error, and a stack overflow inside it can end the whole process, so its work is bounded on the flat token stream.
 */
export function withinLimits(text: string, findings: Findings, at: (offset: number) => Position): boolean {
  // UTF-16 units are at most as many as UTF-8 bytes, so the cheap test comes first.
  if (text.length > MAX_SPEC_BYTES || new TextEncoder().encode(text).byteLength > MAX_SPEC_BYTES) {
    findings.error('spec.too_large', { line: 1, column: 1 }, tooLarge());
    return false;
  }
  const nesting = new YamlNesting();
  let tokens = 0;
  let offset = 0;
  for (const token of new (yamlLibrary().Lexer)().lex(text)) {
    if (CONTROL_TOKENS.has(token)) continue;
    tokens++;
    nesting.add(token);
    // The exact depth is counted on the tree; these bounds only have to keep the parser from recursing far.
    if (nesting.flowDepth > MAX_DEPTH || nesting.blockDepth > 3 * MAX_DEPTH) {
      findings.error('spec.too_deep', at(offset), tooDeep());
      return false;
    }
    if (tokens > MAX_TOKENS) {
      findings.error('spec.too_many_nodes', at(offset), tooManyNodes());
      return false;
    }
    if (nesting.strays > MAX_DEPTH) {
      const message = 'More than a hundred brackets and commas without a partner or value. Correct the YAML here.';
      findings.error('spec.yaml_syntax', at(offset), message);
      return false;
    }
    offset += token.length;
  }
  return true;
}

function tooLarge(): string {
  return `The file is larger than ${MAX_SPEC_BYTES / 1024} KiB. Move data into files of its own and keep only the spec here.`;
}

export function tooDeep(): string {
  return `More than ${MAX_DEPTH} levels of lists and mappings. Flatten the structure.`;
}

export function tooManyNodes(): string {
  return `More than ${MAX_NODES} values. Split the muscle, or shorten its input_schema.`;
}
