import type { Activation, ActivationParts } from '../activate.ts';
import { activate } from '../activate.ts';
import type { FoundMuscle } from '../discover.ts';
import type { FolderDigests } from './folder-digest.ts';

export interface Prepared extends Activation {
  /** Of the folder before its files were read. */
  readonly digest: string;
}

export interface PrepareOptions extends ActivationParts {
  readonly digests: FolderDigests;
  /** Digest of what is loaded already: an equal folder is not loaded again. */
  readonly unless?: string | undefined;
}

/** Times that a folder which is being written is read again before its state is taken as it is. */
const ATTEMPTS = 3;

/**
 * Loads what a folder holds, all of it from one moment: files that change while they are read make a version that
 * nobody wrote. Undefined when nothing has changed. Never rejects on account of the muscle.
 */
export async function prepareMuscle(found: FoundMuscle, options: PrepareOptions): Promise<Prepared | undefined> {
  const { digests, unless } = options;
  for (let attempt = 1; ; attempt++) {
    const digest = await digests.of(found.dir);
    if (digest === unless) return undefined;
    const activation = await activate(found, options);
    if (attempt === ATTEMPTS || (await digests.of(found.dir)) === digest) return { ...activation, digest };
    // Nobody has seen this version, and what it started must not outlive it.
    await activation.muscle?.dispose().catch(() => undefined);
  }
}
