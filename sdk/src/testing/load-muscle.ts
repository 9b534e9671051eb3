import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bindMuscle } from '../bind/bind-muscle.ts';
import type { BoundMuscle } from '../bind/bound-muscle.ts';
import type { Diagnostic } from '../bind/diagnostic.ts';
import { formatDiagnostic } from '../bind/format-diagnostic.ts';
import { parseSpec, type ParsedSpec } from '../bind/parse-spec.ts';
import { findTypeScript } from '../check/source/find-typescript.ts';
import { registerTypeScript } from '../load/register-typescript.ts';

/** A muscle whose spec and code fit, ready to run scopes of. */
export interface LoadedMuscle {
  /** Absolute. */
  readonly dir: string;
  readonly muscle: BoundMuscle;
  /** Warnings; an error makes loading fail. */
  readonly diagnostics: readonly Diagnostic[];
}

const loaded = new Map<string, Promise<LoadedMuscle>>();

/** Imports a muscle once for each folder. Rejects with every defect, one on a line. */
export function loadMuscle(dir: string): Promise<LoadedMuscle> {
  const path = resolve(dir);
  const known = loaded.get(path) ?? load(path);
  loaded.set(path, known);
  return known;
}

/** Reads spec.yaml alone, for whoever needs the names of the scopes before the code is imported. */
export function readSpec(dir: string): ParsedSpec & { readonly file: string } {
  const file = join(resolve(dir), 'spec.yaml');
  const text = readFileSync(file, 'utf8');
  return { ...parseSpec({ text, file, folderName: basename(resolve(dir)), strict: true }), file };
}

async function load(dir: string): Promise<LoadedMuscle> {
  const { spec, positions, diagnostics, file } = readSpec(dir);
  if (spec === undefined) throw new Error(told(diagnostics));
  const implFile = join(dir, 'impl.ts');
  const exports = await importMuscle(implFile);
  const bound = bindMuscle({ spec, positions, file, exports, implFile });
  const all = [...diagnostics, ...bound.diagnostics];
  if (bound.muscle === undefined) throw new Error(told(all));
  return { dir, muscle: bound.muscle, diagnostics: all };
}

async function importMuscle(file: string): Promise<{ [name: string]: unknown }> {
  // Where this file itself runs as TypeScript, whatever runs it imports the muscle's as well.
  if (!import.meta.url.endsWith('.ts')) {
    const typescript = findTypeScript(join(file, '..'));
    if (typescript === undefined)
      throw new Error(
        'The testing kit compiles impl.ts with the TypeScript of your project, and finds none. npm install --save-dev typescript',
      );
    registerTypeScript({ typescript });
  }
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { [name: string]: unknown };
}

function told(diagnostics: readonly Diagnostic[]): string {
  return `The muscle does not load:\n${diagnostics.map(formatDiagnostic).join('\n')}`;
}
