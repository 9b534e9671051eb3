import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bindMuscle } from '../bind/bind-muscle.ts';
import type { BoundMuscle } from '../bind/bound-muscle.ts';
import { formatDiagnostic } from '../bind/format-diagnostic.ts';
import { parseSpec, type ParsedSpec } from '../bind/parse-spec.ts';
import { SDK_VERSION } from '../version.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { BuildError } from './build-error.ts';
import { builtPackage } from './built-package.ts';
import { bundleCode } from './bundle-code.ts';
import { makeManifest, schemaFile, type Manifest } from './manifest.ts';
import { replaceFolder } from './replace-folder.ts';

/** What is built, and where to. */
export interface BuildOptions {
  /** Absolute folder of the muscle. */
  readonly dir: string;
  /** Absolute folder to write; replaced as a whole once everything is there. */
  readonly out: string;
}

/** Builds a muscle into one folder that a host serves without sources or packages. Throws BuildError. */
export async function buildMuscle(options: BuildOptions): Promise<Manifest> {
  const dir = await realpath(options.dir).catch(() => {
    throw new BuildError(`${options.dir} does not exist.`);
  });
  const specText = await readFile(join(dir, 'spec.yaml'), 'utf8').catch(() => {
    throw new BuildError(`${join(options.dir, 'spec.yaml')} does not exist. Name the folder of a muscle.`);
  });
  const parsed = parseSpec({ text: specText, file: 'spec.yaml', folderName: basename(dir) });
  // Beside the sources, where imports of the SDK and zod resolve as they do for them.
  const work = await mkdtemp(join(dir, '.build-'));
  try {
    const bundle = await bundleCode(dir, work);
    await writeFile(join(work, 'package.json'), '{"type":"module"}');
    await writeFile(join(work, 'impl.js'), bundle.code);
    const muscle = await bindBuilt(parsed, join(work, 'impl.js'));
    const files = new Map([
      ['impl.js', bundle.code],
      ['package.json', json(await builtPackage(dir, muscle.spec))],
      ['spec.yaml', specText],
      ...schemaFiles(muscle),
      ...(await papers(dir)),
    ]);
    const sbom = await billOfMaterials(bundle.inputs, dir);
    const builtWith = { '@northstar/sdk': SDK_VERSION, tsup: bundle.tsupVersion };
    const manifest = makeManifest({ muscle, files, hostModules: bundle.hostModules, sbom, builtWith });
    await replaceFolder(options.out, dir, async (next) => {
      for (const [path, text] of [...files, ['manifest.json', json(manifest)] as const]) {
        await mkdir(dirname(join(next, path)), { recursive: true });
        await writeFile(join(next, path), text);
      }
    });
    return manifest;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Binds the code that was built, not the sources: what is in the manifest is what a host will find. */
async function bindBuilt({ spec, positions, diagnostics }: ParsedSpec, file: string): Promise<BoundMuscle> {
  if (spec === undefined) throw refusal(diagnostics);
  let exports: { [name: string]: unknown };
  try {
    exports = { ...((await import(pathToFileURL(file).href)) as object) };
  } catch (error) {
    throw new BuildError(
      `The built code cannot be imported: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const bound = bindMuscle({ spec, positions, file: 'spec.yaml', exports, implFile: 'impl.ts' });
  if (bound.muscle === undefined) throw refusal(bound.diagnostics);
  return bound.muscle;
}

function refusal(diagnostics: ParsedSpec['diagnostics']): BuildError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return new BuildError(['The muscle does not fit together:', ...errors.map(formatDiagnostic)].join('\n'));
}

function schemaFiles({ scopes }: BoundMuscle): [string, string][] {
  return scopes.flatMap(({ spec, inputSchema, outputSchema }): [string, string][] => [
    [schemaFile(spec.name, 'input'), json(inputSchema)],
    ...(outputSchema ? [[schemaFile(spec.name, 'output'), json(outputSchema)] as [string, string]] : []),
  ]);
}

/** What npm would add to a package anyway. */
async function papers(dir: string): Promise<[string, string][]> {
  const names = ['README.md', 'LICENSE', 'LICENSE.md', 'NOTICE'];
  const texts = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8').catch(() => undefined)));
  return names.flatMap((name, index) => (texts[index] === undefined ? [] : [[name, texts[index]] as [string, string]]));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
