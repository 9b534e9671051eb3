import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BuildError } from './build-error.ts';

/** A tarball that was written. */
export interface Packed {
  /** Absolute path of the tarball. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Hex SHA-256 of the tarball. */
  readonly sha256: string;
}

/**
 * Packs a built folder into a tarball that npm installs and that the Workbench publishes. npm itself packs it: with its
 * fixed times and modes the same folder gives the same bytes (with one version of Node, whose zlib compresses).
 */
export async function packMuscle(built: string, into: string): Promise<Packed> {
  const name = await npmPack(built);
  try {
    await mkdir(into, { recursive: true });
    const bytes = await readFile(join(built, name));
    await rename(join(built, name), join(into, name));
    return { file: join(into, name), size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  } finally {
    await rm(join(built, name), { force: true });
  }
}

/** Without a path among the arguments, since a shell (which npm needs on Windows) would have to be told its quotes. */
async function npmPack(built: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--ignore-scripts', '--workspaces=false'], {
      cwd: built,
      shell: process.platform === 'win32',
    });
    const answer = JSON.parse(stdout) as { filename?: string }[] | { [name: string]: { filename?: string } };
    const [packed] = Object.values(answer);
    if (packed?.filename !== undefined) return packed.filename;
  } catch (error) {
    const told = (error as { stderr?: string }).stderr
      ?.trim()
      .split('\n')
      .find((line) => line.includes('error'));
    throw new BuildError(`npm cannot pack ${built}: ${told ?? (error as Error).message}`);
  }
  throw new BuildError(`npm packed ${built} and did not say into which file; update npm.`);
}
