import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ScaffoldError } from './scaffold-error.ts';

/**
 * `workspace`: the muscle stands in the `plugins` folder of a Northstar workspace, which has compiler, linter and test
 * runner. `package`: it is a package of its own and brings them along.
 */
export type Layout = 'workspace' | 'package';
/** Both layouts, for choices. */
export const LAYOUTS = ['workspace', 'package'] as const satisfies readonly Layout[];

export interface Target {
  /** Absolute; does not exist yet, or is empty. */
  readonly dir: string;
  readonly layout: Layout;
  /** The workspace's root, where it was found. */
  readonly workspace?: string;
}

/** Where a new muscle goes: into `plugins` of the workspace around `cwd`, else into `cwd`; `parent` overrules both. */
export async function targetFolder(
  id: string,
  { cwd, parent, layout }: { cwd: string; parent?: string | undefined; layout?: Layout | undefined },
): Promise<Target> {
  const workspace = workspaceAround(parent === undefined ? cwd : resolve(cwd, parent));
  const inWorkspace = layout === undefined ? workspace !== undefined : layout === 'workspace';
  const folder =
    parent !== undefined
      ? resolve(cwd, parent)
      : inWorkspace && workspace !== undefined
        ? join(workspace, 'plugins')
        : cwd;
  const dir = join(folder, id);
  await refuseFilled(dir);
  return {
    dir,
    layout: inWorkspace ? 'workspace' : 'package',
    ...(inWorkspace && workspace !== undefined && { workspace }),
  };
}

/** The nearest folder, this one or above, whose package.json counts `plugins/*` as workspaces. */
function workspaceAround(start: string): string | undefined {
  for (let dir = start; ; dir = dirname(dir)) {
    if (hasPlugins(dir)) return dir;
    if (dirname(dir) === dir) return undefined;
  }
}

function hasPlugins(dir: string): boolean {
  const file = join(dir, 'package.json');
  if (!existsSync(file)) return false;
  try {
    const { workspaces } = JSON.parse(readFileSync(file, 'utf8')) as { workspaces?: unknown };
    return Array.isArray(workspaces) && workspaces.includes('plugins/*');
  } catch {
    // Someone else's broken package.json says nothing about muscles.
    return false;
  }
}

async function refuseFilled(dir: string): Promise<void> {
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') throw new ScaffoldError(`${dir} is a file. Remove it, or choose another id.`);
    throw error;
  });
  if (entries.length > 0)
    throw new ScaffoldError(
      `${dir} is not empty (it holds ${entries.slice(0, 3).join(', ')}${entries.length > 3 ? ', …' : ''}). Choose another id for ${basename(dir)}, or empty the folder.`,
    );
}
