import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative } from 'node:path';
import { parseSpec } from '../bind/parse-spec.ts';
import type { MuscleFacts } from './muscle-facts.ts';
import { declaredDependencies } from './rules/imports.rule.ts';
import { runProbe } from './run-probe.ts';
import { findTypeScript, loadTypeScript } from './source/find-typescript.ts';
import { readSourceGraph } from './source/source-graph.ts';

export interface ReadMuscleOptions {
  /** Unknown keys of spec.yaml are errors. */
  readonly strict: boolean;
  /** Findings show paths relative to it. */
  readonly cwd: string;
}

/** Why a folder cannot be checked at all. One line, for people. */
export class CannotCheck extends Error {}

/** Reads spec and sources of a muscle, and imports it in a process of its own. */
export async function readMuscleFacts(dir: string, { strict, cwd }: ReadMuscleOptions): Promise<MuscleFacts> {
  const shown = (path: string): string => {
    const way = relative(cwd, path);
    return way.startsWith('..') || isAbsolute(way) ? path : way;
  };
  const specPath = join(dir, 'spec.yaml');
  const specText = await readSpec(dir, specPath);
  const entry = findTypeScript(dir);
  if (entry === undefined)
    throw new CannotCheck(
      'muscle check reads the code with the TypeScript of your project, and finds none. npm install --save-dev typescript',
    );
  const specFile = shown(specPath);
  const parsed = parseSpec({ text: specText, file: specFile, folderName: basename(dir), strict });
  const sources = readSourceGraph(loadTypeScript(entry), dir, shown);
  // Source that does not compile would only be reported a second time.
  const importable = sources.length > 0 && sources.every(({ syntaxErrors }) => syntaxErrors.length === 0);
  const compiled = Object.fromEntries(sources.map((source) => [source.path, source.compiled]));
  return {
    dir,
    dependencies: declaredDependencies(dir),
    specFile,
    implFile: shown(join(dir, 'impl.ts')),
    ...(parsed.spec && { spec: parsed.spec }),
    specText,
    positions: parsed.positions,
    specDiagnostics: parsed.diagnostics,
    sources,
    ...(importable && { probe: await runProbe({ dir, compiled, specText }) }),
  };
}

async function readSpec(dir: string, path: string): Promise<string> {
  const found = await stat(dir).catch(() => undefined);
  if (!found?.isDirectory()) throw new CannotCheck(`There is no folder ${dir}.`);
  return readFile(path, 'utf8').catch(() => {
    throw new CannotCheck(`${dir} has no spec.yaml. Name the folder of a muscle.`);
  });
}
