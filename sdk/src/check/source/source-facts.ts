import type { Position } from '../../bind/spec-positions.ts';

/** Something that stands in a source file, and where. */
export interface Found {
  readonly text: string;
  readonly at: Position;
}

export interface ImportFound extends Found {
  /** Names that are asked of the module. */
  readonly names: readonly Found[];
  /** Absolute path of the file that a relative import leads to; nothing when there is none. */
  readonly target?: string;
}

export interface Comparison {
  /** `ctx.request.mode` */
  readonly chain: string;
  readonly literal: string;
  readonly at: Position;
}

/** What the rules look at in one file, free of the parser that found it. */
export interface SourceFacts {
  /** As it is shown in findings. */
  readonly file: string;
  readonly path: string;
  /** As JavaScript, with its source map in it. */
  readonly compiled: string;
  readonly syntaxErrors: readonly Found[];
  readonly imports: readonly ImportFound[];
  /** `import(name)` with something other than a text: nobody can tell what it loads. */
  readonly computedImports: readonly Position[];
  /** Whole chains of property accesses, destructuring included: `console.log`, `ctx.request.mode`. */
  readonly chains: readonly Found[];
  /** The chains that are called. */
  readonly calls: readonly Found[];
  /** Calls that run while the module is imported. */
  readonly topLevelCalls: readonly Found[];
  readonly strings: readonly Found[];
  readonly identifiers: readonly Found[];
  readonly comparisons: readonly Comparison[];
  /** Exported names; `default` and re-exports of whole modules are left out. */
  readonly exports: readonly Found[];
  /** Lines, counted from 1, on which a comment allows a rule. */
  readonly allowed: ReadonlyMap<number, readonly string[]>;
}
