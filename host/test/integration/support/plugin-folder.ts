import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A temporary folder of muscles. */
export interface PluginFolder {
  readonly root: string;
  /** Absolute path of a file of a muscle, or of its folder. */
  path(id: string, file?: string): string;
  /** Writes files of a muscle in place; those of `versionedMuscle` unless others are given. */
  put(id: string, files: Readonly<Record<string, string>>): Promise<void>;
  /** Writes one file the way careful editors do: beside it, then over it. */
  replace(id: string, file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

export async function pluginFolder(): Promise<PluginFolder> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'northstar-plugins-')));
  const path = (id: string, file = ''): string => join(root, id, file);
  return {
    root,
    path,
    async put(id, files) {
      for (const [file, text] of Object.entries(files)) {
        await mkdir(dirname(path(id, file)), { recursive: true });
        await writeFile(path(id, file), text);
      }
    },
    async replace(id, file, text) {
      await writeFile(`${path(id, file)}.tmp`, text);
      await rename(`${path(id, file)}.tmp`, path(id, file));
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** A muscle with one scope per name, each of which answers `{version}`. */
export function versionedMuscle(id: string, version: string | number, scopes = ['run']): Record<string, string> {
  return { 'spec.yaml': specOf(id, scopes), 'impl.ts': implOf(`${JSON.stringify(version)}`) };
}

export function specOf(id: string, scopes = ['run'], extra = ''): string {
  const lines = scopes.map(
    (scope) =>
      `  - {name: ${id}.${scope}, description: Tells its version., handler: run, input_model: In, effects: read}`,
  );
  return `id: ${id}\nname: ${id}\nsummary: Tells its version.\n${extra}scopes:\n${lines.join('\n')}\n`;
}

/** impl.ts whose scopes answer with the value of this expression. */
export function implOf(expression: string, more = ''): string {
  return `import { z } from 'zod';\n${more}\nexport const In = z.object({});\nexport const run = () => ({ version: ${expression} });\n`;
}
