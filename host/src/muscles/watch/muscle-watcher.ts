import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import { errorFields, type Logger } from '../../log/logger.ts';
import type { MuscleRegistry } from '../muscle-registry.ts';
import { isIgnoredName } from '../reload/ignored-paths.ts';
import { QuietBatch } from './quiet-batch.ts';

export interface MuscleWatcherOptions {
  readonly registry: MuscleRegistry;
  readonly logger: Logger;
  readonly pluginDirs: readonly string[];
  readonly workspaceDir: string;
}

/** Milliseconds of quiet that end a burst of events, and the most that a burst that does not end is waited for. */
const QUIET_MS = 20;
const MOST_MS = 500;
/** Milliseconds after which a change is looked at once more: events can be lost, and file times have gaps. */
const RECHECK_MS = 120;
/** Milliseconds between two looks at every folder: a busy system may lose all events of a save. */
const SWEEP_MS = 2000;

/**
 * Tells the registry which muscles to look at again. What has really changed is the registry's to find out, by content:
 * an event too many costs a look, and one too few is made up for by the second look that follows every burst, or by the
 * next of those at everything.
 */
export class MuscleWatcher {
  readonly #options: MuscleWatcherOptions;
  readonly #batch: QuietBatch;
  readonly #watcher: FSWatcher;
  readonly #rechecks = new Set<NodeJS.Timeout>();
  readonly #sweep: NodeJS.Timeout;
  /** Folders outside the plugin folders: targets of links, packages. */
  #outside = new Set<string>();

  private constructor(options: MuscleWatcherOptions) {
    this.#options = options;
    this.#batch = new QuietBatch({ quietMs: QUIET_MS, mostMs: MOST_MS, run: (paths) => this.#take(paths) });
    // Links are not followed: a link that is pointed elsewhere would go unnoticed. Their targets are watched as such.
    const { pluginDirs, workspaceDir } = options;
    const packages = join(workspaceDir, 'package.json');
    // Asked for a file of a folder that it watches already, chokidar would watch nothing but that file.
    const isSeen = pluginDirs.some((root) => isInside(root, packages));
    this.#watcher = watch([...pluginDirs, ...(isSeen ? [] : [packages])], {
      ignoreInitial: true,
      followSymlinks: false,
      ignored: (path) => this.#isIgnored(path),
    });
    this.#watcher.on('all', (_event, path) => this.#batch.add(path));
    // chokidar's own events leave out a second write within 50 ms; those of the system do not.
    this.#watcher.on('raw', (_event, path, details) => {
      const changed = rawPath(path, (details as { watchedPath?: string } | undefined)?.watchedPath);
      if (!this.#isIgnored(changed)) this.#batch.add(changed);
    });
    this.#sweep = setInterval(() => void options.registry.check(options.registry.folders.keys()), SWEEP_MS).unref();
    this.#watcher.on('error', (error) => options.logger.log('error', 'watching failed', errorFields(error)));
  }

  /** Resolves once every change from now on is noticed. */
  static async start(options: MuscleWatcherOptions): Promise<MuscleWatcher> {
    const watcher = new MuscleWatcher(options);
    await new Promise<void>((resolve) => watcher.#watcher.once('ready', () => resolve()));
    watcher.#watchOutside();
    return watcher;
  }

  async close(): Promise<void> {
    this.#batch.close();
    clearInterval(this.#sweep);
    for (const timer of this.#rechecks) clearTimeout(timer);
    await this.#watcher.close();
  }

  #take(paths: ReadonlySet<string>): void {
    void this.#look(paths);
    const timer = setTimeout(() => {
      this.#rechecks.delete(timer);
      void this.#look(paths);
    }, RECHECK_MS);
    this.#rechecks.add(timer);
  }

  async #look(paths: ReadonlySet<string>): Promise<void> {
    const { registry } = this.#options;
    const folders = [...registry.folders];
    const ids = [...paths].map((path) => folders.find(([, dir]) => isInside(dir, path))?.[0]);
    // Where a spec.yaml is gone, or a path is nobody's, there may be a muscle more or less. One that is there still is
    // its muscle's own affair, and no reason to look at all the others.
    const isGone = (path: string): boolean => path.endsWith(`${sep}spec.yaml`) && !existsSync(path);
    const structural = ids.includes(undefined) || [...paths].some(isGone);
    if (!structural) return registry.check(new Set(ids.filter((id) => id !== undefined)));
    await registry.rescan();
    this.#watchOutside();
  }

  #watchOutside(): void {
    const { registry, pluginDirs } = this.#options;
    const dirs = [...registry.folders.values()].filter((dir) => !pluginDirs.some((root) => isInside(root, dir)));
    const wanted = new Set(dirs);
    const gone = [...this.#outside].filter((dir) => !wanted.has(dir));
    const added = dirs.filter((dir) => !this.#outside.has(dir));
    this.#outside = wanted;
    if (gone.length > 0) this.#watcher.unwatch(gone);
    if (added.length > 0) this.#watcher.add(added);
  }

  /** By the names below the watched folder that a path lies in; those above it are not the author's to choose. */
  #isIgnored(path: string): boolean {
    const roots = [...this.#outside, ...this.#options.pluginDirs].filter((root) => isInside(root, path));
    const below = roots.map((root) => relative(root, path)).sort((a, b) => a.length - b.length)[0];
    return below !== undefined && below !== '' && below.split(sep).some(isIgnoredName);
  }
}

function isInside(dir: string, path: string): boolean {
  return path === dir || path.startsWith(dir + sep);
}

/** The system names a file by its path, or within the folder that is watched. */
function rawPath(path: string, watched: string | undefined): string {
  if (watched === undefined || isAbsolute(path)) return path;
  return watched.endsWith(sep + path) ? watched : join(watched, path);
}
