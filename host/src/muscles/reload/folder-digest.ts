import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isIgnoredName } from './ignored-paths.ts';

interface KnownFile {
  /** Inode, size and time of change: all the same means the same content, once the file has come to rest. */
  readonly stamp: string;
  readonly hash: string;
}

/** Bytes up to which a file counts by its content; a larger one by its stamp, since reading it would hold up a save. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Milliseconds that must lie between a write and our look: file times have gaps in which a second write hides. */
const AT_REST_MS = 100;

/**
 * One hash for all that a muscle is made of: every file of its folder by path and content, without what
 * `isIgnoredName` leaves out. Saving a file unchanged changes nothing. Contents are remembered by stamp, so that a
 * second look costs a `stat` a file.
 */
export class FolderDigests {
  readonly #known = new Map<string, Map<string, KnownFile>>();

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

  forget(dir: string): void {
    this.#known.delete(dir);
  }
}

interface Look {
  readonly before: ReadonlyMap<string, KnownFile> | undefined;
  readonly after: Map<string, KnownFile>;
  /** Real paths of the folders that this one lies in: a link to one of them would lead in a circle. */
  readonly above: ReadonlySet<string>;
}

async function lookInto(dir: string, look: Look): Promise<void> {
  const real = await realpath(dir).catch(() => undefined);
  if (real === undefined || look.above.has(real)) return;
  const names = await readdir(dir).catch(() => []);
  const above = new Set([...look.above, real]);
  await Promise.all(
    names
      .filter((name) => !isIgnoredName(name))
      .map(async (name) => {
        const path = join(dir, name);
        // A file may go between the listing and here; it is then as absent as if it had never been listed.
        const stats = await stat(path, { bigint: true }).catch(() => undefined);
        if (stats?.isDirectory()) return lookInto(path, { ...look, above });
        if (!stats?.isFile()) return;
        const stamp = `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
        const known = look.before?.get(path);
        if (known?.stamp === stamp) return void look.after.set(path, known);
        const hash = stats.size > MOST_BYTES ? stamp : await contentHash(path);
        const atRest = Date.now() - Number(stats.mtimeMs) > AT_REST_MS;
        look.after.set(path, { stamp: atRest ? stamp : 'just written', hash });
      }),
  );
}

async function contentHash(path: string): Promise<string> {
  const content = await readFile(path).catch(() => 'unreadable');
  return createHash('sha256').update(content).digest('hex');
}
