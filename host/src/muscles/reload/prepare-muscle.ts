import type { Activation, ActivationParts } from '../activate.ts';
import { join } from 'node:path';
import { activate } from '../activate.ts';
import type { FoundMuscle } from '../discover.ts';
import type { Learned, Memory } from '../start/load-memory.ts';
import type { FolderDigests, KnownFiles } from './folder-digest.ts';

export interface Prepared extends Activation {
  /** Of the folder before its files were read. */
  readonly digest: string;
  /** The files behind it. */
  readonly files: KnownFiles;
  /** All of this was known already, and no file was so much as touched. */
  readonly remembered: boolean;
}

export interface PrepareOptions extends ActivationParts {
  readonly digests: FolderDigests;
  /** Digest of what is loaded already: an equal folder is not loaded again. */
  readonly unless?: string | undefined;
  /** What an earlier process has found out about the folder; for its first load in this one. */
  readonly memory?: Memory | undefined;
}

/** Times that a folder which is being written is read again before its state is taken as it is. */
const ATTEMPTS = 3;

/**
 * Loads what a folder holds, all of it from one moment: files that change while they are read make a version that
 * nobody wrote. Undefined when nothing has changed. Never rejects on account of the muscle.
 */
export async function prepareMuscle(found: FoundMuscle, options: PrepareOptions): Promise<Prepared | undefined> {
  const { digests, unless, memory } = options;
  if (memory) digests.remember(found.dir, memory.files);
  for (let attempt = 1; ; attempt++) {
    const digest = await digests.of(found.dir);
    if (digest === unless) return undefined;
    const known = memory && stillTrue(memory, found, { digest, files: digests.filesOf(found.dir) });
    const activation = await activate(found, { ...options, known });
    if (attempt === ATTEMPTS || (await digests.of(found.dir)) === digest) {
      const files = digests.filesOf(found.dir);
      // The very records: whatever was read anew has a new one.
      const remembered =
        memory?.digest === digest && [...files].every(([path, file]) => memory.files.get(path) === file);
      return { ...activation, digest, files, remembered };
    }
    // Nobody has seen this version, and what it started must not outlive it.
    await activation.muscle?.dispose().catch(() => undefined);
  }
}

/** A spec is known by its own file; schemas come from code, which may be in any file of the folder. */
function stillTrue(
  { digest, files, tree, schemas }: Memory,
  { dir }: FoundMuscle,
  now: Omit<Memory, keyof Learned>,
): Learned {
  const spec = join(dir, 'spec.yaml');
  const sameSpec = files.has(spec) && files.get(spec)?.hash === now.files.get(spec)?.hash;
  return { ...(tree && sameSpec && { tree }), ...(schemas && digest === now.digest && { schemas }) };
}
