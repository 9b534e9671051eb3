import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** One package whose code is in a built muscle. */
export interface Material {
  readonly name: string;
  readonly version: string;
  /** SPDX expression as the package states it; `UNKNOWN` when it states none. */
  readonly license: string;
}

/** The packages that these files belong to, each version once, by name. The muscle's own files are not listed. */
export async function billOfMaterials(inputs: readonly string[], dir: string): Promise<Material[]> {
  const foreign = inputs.filter((file) => /^\.\.|(^|[/\\])node_modules[/\\]/.test(relative(dir, file)));
  const found = new Map<string, Material>();
  for (const home of new Set(foreign.map((file) => dirname(file)))) {
    const material = await packageOf(home);
    if (material) found.set(`${material.name} ${material.version}`, material);
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, material]) => material);
}

/** The nearest package.json that names a package: some folders hold one that only says `"type"`. */
async function packageOf(folder: string): Promise<Material | undefined> {
  for (let dir = folder; ; dir = dirname(dir)) {
    const text = await readFile(join(dir, 'package.json'), 'utf8').catch(() => undefined);
    const { name, version, license } = (text === undefined ? {} : JSON.parse(text)) as { [key: string]: unknown };
    if (typeof name === 'string' && typeof version === 'string') return { name, version, license: licenseOf(license) };
    if (dirname(dir) === dir) return undefined;
  }
}

/** Old packages give `{type, url}`. */
function licenseOf(license: unknown): string {
  if (typeof license === 'string') return license;
  const type = typeof license === 'object' && license !== null ? (license as { type?: unknown }).type : undefined;
  return typeof type === 'string' ? type : 'UNKNOWN';
}
