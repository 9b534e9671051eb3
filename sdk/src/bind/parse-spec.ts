import type { MuscleSpec } from '../contract/spec.ts';
import type { Diagnostic } from './diagnostic.ts';
import { Findings } from './findings.ts';
import { readMuscle } from './read-muscle.ts';
import { fromSpecTree, toSpecTree, type SpecTree } from './spec-tree.ts';
import { specPositions, type SpecPositions } from './spec-positions.ts';
import { readYaml } from './yaml-document.ts';
import type { YamlNode } from './yaml-node.ts';

/** A spec.yaml as text, and what is known about where it lies. */
export interface ParseSpecOptions {
  /** The whole of spec.yaml. */
  readonly text: string;
  /** What an earlier parse gave for the very same text. Spares reading the YAML; everything else is checked as ever. */
  readonly tree?: SpecTree;
  /** Path for the diagnostics; never opened. */
  readonly file: string;
  /** When given, the id must equal it. */
  readonly folderName?: string;
  /** Unknown keys are errors instead of warnings. */
  readonly strict?: boolean;
}

/** A checked spec, or why there is none. Warnings may come with either. */
export interface ParsedSpec {
  /** Absent when any diagnostic is an error. */
  readonly spec?: MuscleSpec;
  readonly positions: SpecPositions;
  readonly diagnostics: readonly Diagnostic[];
  /** What the text says, for `tree` of a later parse; absent when it is no sound YAML. JSON. */
  readonly tree?: SpecTree;
}

/**
 * Reads and checks a spec.yaml, and reports every defect in one pass with its line and column. Never throws, and does
 * bounded work on hostile text.
 */
export function parseSpec(options: ParseSpecOptions): ParsedSpec {
  const findings = new Findings(options.file);
  const root = options.tree ? fromSpecTree(options.tree) : readRoot(options.text, findings);
  const positions = specPositions(root);
  const start = positions.at([]);
  if (!root) return { positions, diagnostics: findings.list };
  const tree = findings.list.length === 0 ? (options.tree ?? toSpecTree(root)) : undefined;
  const said = { positions, diagnostics: findings.list, ...(tree && { tree }) };
  if (root.kind === 'scalar' && root.value === null) {
    if (!findings.failed)
      findings.error('spec.empty', start, 'The file is empty. Start with id, name, summary and scopes.');
  } else if (root.kind !== 'map') {
    findings.error('spec.not_a_mapping', start, 'The file must be a mapping. Start with "id: …" in the first column.');
  } else {
    const spec = readMuscle(root, { findings, strict: options.strict ?? false }, options.folderName);
    if (!findings.failed) return { spec, ...said };
  }
  return said;
}

/** A byte order mark would shift the columns of the first line. */
function readRoot(text: string, findings: Findings): YamlNode | undefined {
  return readYaml(text.replace(/^\ufeff/, ''), findings);
}
