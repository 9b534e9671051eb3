import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import type { ScopeSchemas, SpecTree } from '@northstar/sdk/bind';
import { VERSION } from '../../version.ts';
import type { KnownFile } from '../reload/folder-digest.ts';

/** What loading a folder has found out, and would find out again as long as no file of it changes. */
export interface Learned {
  /** What spec.yaml says. */
  readonly tree?: SpecTree;
  /** By scope name; of a muscle that was bound in the host. */
  readonly schemas?: ReadonlyMap<string, ScopeSchemas>;
}

export interface Memory extends Learned {
  /** Digest of the folder that it is about. */
  readonly digest: string;
  /** Its files, by absolute path. */
  readonly files: ReadonlyMap<string, KnownFile>;
}

interface Stored {
  readonly made_by: string;
  readonly dir: string;
  readonly digest: string;
  readonly files: readonly (readonly [path: string, stamp: string, hash: string])[];
  readonly tree?: SpecTree;
  readonly schemas?: { readonly [scope: string]: ScopeSchemas };
}

/**
 * Keeps what the host found out about each muscle from one start to the next, one file each in a folder of its own.
 * The host believes these files as it believes the transformed sources beside them: nobody else writes there. Each is
 * about one content of one folder; a memory of another content, host or zod is no memory.
 */
export class LoadMemory {
  readonly #folder: string;

  /** `folder` is absolute, and made when something is kept. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Never throws: what cannot be read was never kept. At once, since a promise would take longer than the file does. */
  recall({ id, dir }: { id: string; dir: string }): Memory | undefined {
    try {
      const stored = JSON.parse(readFileSync(this.#fileOf(id), 'utf8')) as Stored;
      if (stored.made_by !== MADE_BY || stored.dir !== dir) return undefined;
      const { digest, files, tree, schemas } = stored;
      return {
        digest,
        files: new Map(files.map(([path, stamp, hash]) => [join(dir, path), { stamp, hash }])),
        ...(tree && { tree }),
        ...(schemas && { schemas: new Map(Object.entries(schemas)) }),
      };
    } catch {
      return undefined;
    }
  }

  /** Replaces what was kept under this id. Rejects where the folder cannot be written. */
  async keep({ id, dir }: { id: string; dir: string }, { digest, files, tree, schemas }: Memory): Promise<void> {
    const stored: Stored = {
      made_by: MADE_BY,
      dir,
      digest,
      files: [...files].map(([path, { stamp, hash }]) => [relative(dir, path), stamp, hash]),
      ...(tree && { tree }),
      ...(schemas && { schemas: Object.fromEntries(schemas) }),
    };
    await mkdir(this.#folder, { recursive: true });
    // A start may read while this writes.
    const next = `${this.#fileOf(id)}.${process.pid}`;
    await writeFile(next, JSON.stringify(stored));
    await rename(next, this.#fileOf(id));
  }

  #fileOf(id: string): string {
    return join(this.#folder, `${encodeURIComponent(id)}.json`);
  }
}

/** What the conversion of models depends on besides the muscle. */
const MADE_BY = ['northstar', VERSION, 'zod', versionOf('zod'), 'node', process.version].join(' ');

function versionOf(name: string): string {
  return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
}
