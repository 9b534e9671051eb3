import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MuscleSpec } from '../contract/spec.ts';
import { SDK_VERSION } from '../version.ts';
import { BuildError } from './build-error.ts';

/** The npm keyword by which hosts find muscles among packages. */
const KEYWORD = 'northstar-muscle';

/** What goes over from the author's package.json; the rest is about developing the muscle. */
const KEPT = ['license', 'author', 'homepage', 'repository', 'bugs', 'engines'] as const;

/** package.json of a built muscle: makes impl.js an ES module wherever it lies, and the folder a package that npm takes. */
export async function builtPackage(dir: string, spec: MuscleSpec): Promise<{ [key: string]: unknown }> {
  const own = await authorsPackage(dir);
  const keywords = Array.isArray(own.keywords) ? own.keywords.filter((word) => word !== KEYWORD) : [];
  return {
    name: typeof own.name === 'string' ? own.name : spec.id,
    version: npmVersion(spec.version),
    description: spec.summary,
    type: 'module',
    keywords: [KEYWORD, ...keywords],
    ...Object.fromEntries(KEPT.filter((key) => own[key] !== undefined).map((key) => [key, own[key]])),
    exports: { '.': './impl.js', './package.json': './package.json' },
    // The host gives its own copy of both, so npm need not install them; the ranges tell which ones would do.
    peerDependencies: { '@northstar/sdk': `^${SDK_VERSION}`, zod: '^4.0.0' },
    peerDependenciesMeta: { '@northstar/sdk': { optional: true }, zod: { optional: true } },
  };
}

async function authorsPackage(dir: string): Promise<{ [key: string]: unknown }> {
  let text: string;
  try {
    text = await readFile(join(dir, 'package.json'), 'utf8');
  } catch {
    // A muscle of a workspace may have none.
    return {};
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as { [key: string]: unknown }) : {};
  } catch (error) {
    throw new BuildError(`package.json is not JSON: ${(error as Error).message}`);
  }
}

/** A spec may say "1" or "1.2"; npm wants three numbers. */
function npmVersion(version: string): string {
  const [, numbers = '0', rest = ''] = /^([\d.]+)(.*)$/.exec(version) ?? [];
  return `${[...numbers.split('.'), '0', '0'].slice(0, 3).join('.')}${rest}`;
}
