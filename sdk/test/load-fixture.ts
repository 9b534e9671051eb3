import { readFileSync } from 'node:fs';
import { bindMuscle, parseSpec, type BoundMuscle, type Diagnostic } from '../src/bind/index.ts';

export interface LoadedFixture {
  readonly muscle?: BoundMuscle;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses and binds a fixture the way a host does, with file names relative to its folder. */
export async function loadFixture(kind: 'good' | 'broken', folder: string, strict = false): Promise<LoadedFixture> {
  const url = new URL(`./fixtures/${kind}/${folder}/`, import.meta.url);
  const text = readFileSync(new URL('spec.yaml', url), 'utf8');
  const parsed = parseSpec({ text, file: 'spec.yaml', folderName: folder, strict });
  if (!parsed.spec) return { diagnostics: parsed.diagnostics };
  const exports = (await import(/* @vite-ignore */ new URL('impl.ts', url).pathname)) as Record<string, unknown>;
  const { spec, positions } = parsed;
  const bound = bindMuscle({ spec, positions, file: 'spec.yaml', exports, implFile: 'impl.ts' });
  return { ...bound, diagnostics: [...parsed.diagnostics, ...bound.diagnostics] };
}
