import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { breathe } from './breathe.ts';

/** A folder that looks like a muscle: it, or its dist, holds a spec.yaml. Nothing in it was read or run yet. */
export interface FoundMuscle {
  /** Name of the folder, or what a build says it is; the spec's id must equal it. */
  readonly id: string;
  /** Of spec.yaml: absolute, with links resolved. */
  readonly dir: string;
}

/** npm packages that carry this keyword are muscles as well. */
export const PACKAGE_KEYWORD = 'northstar-muscle';

/**
 * Finds muscles in the plugin folders (one that holds a spec.yaml is a muscle itself) and among the workspace's direct
 * dependencies, each real folder once.
 */
export async function discoverMuscles(pluginDirs: readonly string[], workspaceDir: string): Promise<FoundMuscle[]> {
  const folders = [...(await Promise.all(pluginDirs.map(foldersOf))).flat(), ...packageFolders(workspaceDir)];
  const found = new Map<string, FoundMuscle>();
  for (const folder of folders) {
    // A package that ships only what was built from it has its muscle in dist.
    const holder = [folder, join(folder, 'dist')].find((candidate) => existsSync(join(candidate, 'spec.yaml')));
    if (holder === undefined) continue;
    await breathe();
    const dir = realpathSync.native(holder);
    // The folder's own name counts, also behind a link: npm links packages under their package name.
    if (!found.has(dir)) found.set(dir, { id: builtId(dir) ?? basename(realpathSync.native(folder)), dir });
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.dir < b.dir ? -1 : 1));
}

async function foldersOf(dir: string): Promise<string[]> {
  // An author names the muscle itself, from inside its package.
  if (existsSync(join(dir, 'spec.yaml'))) return [dir];
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map((entry) => join(dir, entry.name));
  } catch (error) {
    // A folder that is not there yet holds no muscles; enabled ones are then reported as missing.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** What was built says its id itself: its folder is called dist, or as npm calls the package. */
function builtId(dir: string): string | undefined {
  if (existsSync(join(dir, 'impl.ts'))) return undefined;
  const id = readJson(join(dir, 'manifest.json'))?.id;
  return typeof id === 'string' ? id : undefined;
}

function packageFolders(workspaceDir: string): string[] {
  const root = readJson(join(workspaceDir, 'package.json'));
  const names = Object.keys({
    ...asObject(root?.dependencies),
    ...asObject(root?.devDependencies),
    ...asObject(root?.optionalDependencies),
  });
  const folders = names.map((name) => join(workspaceDir, 'node_modules', name));
  const manifests = folders.map((folder) => readJson(join(folder, 'package.json')));
  return folders.filter((_, index) => {
    const keywords = manifests[index]?.keywords;
    return Array.isArray(keywords) && keywords.includes(PACKAGE_KEYWORD);
  });
}

function readJson(file: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // A package.json that is missing or broken is npm's to complain about; it names no muscle.
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
