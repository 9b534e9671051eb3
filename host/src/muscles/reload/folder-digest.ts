import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync, statSync, type BigIntStats } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { breathe } from '../breathe.ts';
import { isIgnoredName } from './ignored-paths.ts';

/** One file as it was when it was last read. */
export interface KnownFile {
  /** Inode, size and times of change: all the same means the same content, once the file has come to rest. */
  readonly stamp: string;
  /** SHA-256 of its content, hex; of a file too large to be read, its stamp. */
  readonly hash: string;
}

/** Files of one folder by absolute path. */
export type KnownFiles = ReadonlyMap<string, KnownFile>;

/** Bytes up to which a file counts by its content; a larger one by its stamp, since reading it would hold up a save. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Bytes up to which a file is read in one go: a trip to another thread costs more than they do. */
const SMALL_BYTES = 64 * 1024;
/** Milliseconds that must lie between a write and our look: file times have gaps in which a second write hides. */
const AT_REST_MS = 100;

/**
 * One hash for all that a muscle is made of: every file of its folder by path and content, without what
 * `isIgnoredName` leaves out. Saving a file unchanged changes nothing. Contents are remembered by stamp, so that a
 * second look costs a `stat` a file.
 */
export class FolderDigests {
  readonly #known = new Map<string, KnownFiles>();

  /** Hex; that of an empty folder for one that cannot be read. `dir` is absolute. */
  async of(dir: string): Promise<string> {
    const before = this.#known.get(dir);
    const after = new Map<string, KnownFile>();
    await lookInto(dir, { before, after, above: new Set() });
    this.#known.set(dir, after);
    const hash = createHash('sha256');
    for (const file of [...after.keys()].sort()) hash.update(`${file}\0${after.get(file)?.hash}\0`);
    return hash.digest('hex');
  }

  /** The files behind the latest digest of a folder. */
  filesOf(dir: string): KnownFiles {
    return this.#known.get(dir) ?? new Map();
  }

  /** Takes over what an earlier process has read, unless this one knows better. */
  remember(dir: string, files: KnownFiles): void {
    if (!this.#known.has(dir)) this.#known.set(dir, files);
  }
}

interface Look {
  readonly before: KnownFiles | undefined;
  readonly after: Map<string, KnownFile>;
  /** Real paths of the folders that this one lies in: a link to one of them would lead in a circle. */
  readonly above: ReadonlySet<string>;
}

/** Looks at names and stamps at once and not by promises, which take thirty times as long; breathes in between. */
async function lookInto(dir: string, look: Look): Promise<void> {
  const real = attempt(() => realpathSync.native(dir));
  if (real === undefined || look.above.has(real)) return;
  const above = new Set([...look.above, real]);
  for (const name of attempt(() => readdirSync(dir)) ?? []) {
    if (isIgnoredName(name)) continue;
    await breathe();
    const path = join(dir, name);
    // A file may go between the listing and here; it is then as absent as if it had never been listed.
    const stats = attempt(() => statSync(path, { bigint: true, throwIfNoEntry: false }));
    if (stats?.isDirectory()) await lookInto(path, { ...look, above });
    else if (stats?.isFile()) look.after.set(path, await lookAt(path, stats, look.before?.get(path)));
  }
}

async function lookAt(path: string, stats: BigIntStats, known: KnownFile | undefined): Promise<KnownFile> {
  const stamp = `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
  if (known?.stamp === stamp) return known;
  const hash = stats.size > MOST_BYTES ? stamp : await contentHash(path, stats.size <= SMALL_BYTES);
  const atRest = Date.now() - Number(stats.mtimeMs) > AT_REST_MS;
  return { stamp: atRest ? stamp : 'just written', hash };
}

async function contentHash(path: string, small: boolean): Promise<string> {
  const content = small ? attempt(() => readFileSync(path)) : await readFile(path).catch(() => undefined);
  return createHash('sha256')
    .update(content ?? 'unreadable')
    .digest('hex');
}

/** What cannot be read is not there. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
