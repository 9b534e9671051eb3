import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';
import { isInside, specifierPath } from '../source/source-graph.ts';
import type { SourceFacts } from '../source/source-facts.ts';

const HOST = /^@northstar\/host(\/|$)/;
/** The host gives every muscle its own copy of these, installed or not. */
const GIVEN = new Set(['@northstar/sdk', 'zod']);

export function* importsStayInside(facts: MuscleFacts): Iterable<Hit> {
  const root = existsSync(facts.dir) ? realpathSync(facts.dir) : facts.dir;
  for (const source of facts.sources) {
    const { file, imports, computedImports } = source;
    for (const { text, at } of imports) {
      const message = foreign(text, source, root);
      if (message !== undefined) yield { file, ...at, message };
    }
    for (const at of computedImports) {
      const message = 'import() of a computed name: nobody can tell what it loads.';
      yield { file, ...at, severity: 'warning', message, fix: 'Write the module as a text, one import for each.' };
    }
  }
}

function foreign(specifier: string, source: SourceFacts, root: string): string | undefined {
  if (HOST.test(specifier)) return `"${specifier}" is the host.`;
  const path = specifierPath(source.path, specifier);
  if (path !== undefined)
    return isInside(root, path) ? undefined : `"${specifier}" lies outside the folder of the muscle.`;
  const name = packageOf(specifier);
  if (!isPackage(specifier)) return undefined;
  return isMuscle(name, source.path) ? `"${name}" is another muscle.` : undefined;
}

export function* dependenciesDeclared(facts: MuscleFacts): Iterable<Hit> {
  for (const { file, path, imports } of facts.sources) {
    const told = new Set<string>();
    for (const { text, at } of imports) {
      const name = packageOf(text);
      if (!isPackage(text) || GIVEN.has(name) || HOST.test(text) || facts.dependencies.has(name) || told.has(name))
        continue;
      if (isMuscle(name, path)) continue;
      told.add(name);
      yield {
        file,
        ...at,
        message: `The package "${name}" is not among the dependencies of package.json.`,
        fix: `npm install ${name} in the folder of the muscle.`,
      };
    }
  }
}

function isPackage(specifier: string): boolean {
  return !/^[./#]|^[a-z]+:/.test(specifier) && !builtinModules.includes(specifier);
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** By the keyword that the host finds muscles by, or by the name that muscles of a workspace have. */
function isMuscle(name: string, importer: string): boolean {
  if (/^@northstar\/muscle-/.test(name)) return true;
  for (const folder of createRequire(importer).resolve.paths(name) ?? []) {
    const manifest = join(folder, name, 'package.json');
    if (!existsSync(manifest)) continue;
    const { keywords } = JSON.parse(readFileSync(manifest, 'utf8')) as { keywords?: unknown };
    return Array.isArray(keywords) && keywords.includes('northstar-muscle');
  }
  return false;
}

/** The names under dependencies of the nearest package.json; the folder of a muscle may lie inside a package. */
export function declaredDependencies(dir: string): Set<string> {
  for (let at = dir; ; at = dirname(at)) {
    const manifest = join(at, 'package.json');
    if (existsSync(manifest)) {
      const found = readManifest(manifest);
      return new Set([...Object.keys(found.dependencies ?? {}), ...Object.keys(found.peerDependencies ?? {})]);
    }
    if (dirname(at) === at) return new Set();
  }
}

function readManifest(path: string): { dependencies?: object; peerDependencies?: object } {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { dependencies?: object };
  } catch {
    return {};
  }
}
