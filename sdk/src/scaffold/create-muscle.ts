import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSpec } from '../bind/index.ts';
import { packageRoot } from '../package-root.ts';
import { fillTemplate, type MuscleWords } from './fill-template.ts';
import { muscleWords } from './muscle-words.ts';
import { ScaffoldError } from './scaffold-error.ts';
import { targetFolder, type Layout, type Target } from './target-folder.ts';
import { isTemplateName, TEMPLATE_NAMES } from './templates.ts';

export interface CreateMuscleOptions {
  readonly id: string;
  readonly template: string;
  /** Title for people; made from the id when absent. */
  readonly name?: string | undefined;
  /** One sentence on what the muscle does. */
  readonly summary?: string | undefined;
  /** Folder that gets the muscle's folder; by default `plugins` of the workspace around `cwd`, else `cwd`. */
  readonly parent?: string | undefined;
  readonly layout?: Layout | undefined;
  /** Absolute. */
  readonly cwd: string;
}

export interface CreatedMuscle extends Target {
  /** Relative to `dir`, sorted. */
  readonly files: readonly string[];
}

/** Writes a new muscle that type-checks, tests and builds as it stands. Throws ScaffoldError before it writes anything. */
export async function createMuscle(options: CreateMuscleOptions): Promise<CreatedMuscle> {
  const words = muscleWords(options);
  if (!isTemplateName(options.template))
    throw new ScaffoldError(`There is no template "${options.template}". Choose one of ${TEMPLATE_NAMES.join(', ')}.`);
  const target = await targetFolder(options.id, options);
  const parts = [options.template, 'shared', ...(target.layout === 'package' ? ['package'] : [])];
  const files = new Map((await Promise.all(parts.map((part) => filledFiles(part, words)))).flat());
  refuseSpec(files.get('spec.yaml') ?? '', words.id);
  await mkdir(target.dir, { recursive: true });
  // `wx`: a file that someone else put there in the meantime is theirs.
  for (const [file, text] of files) await writeFile(join(target.dir, file), text, { flag: 'wx' });
  return { ...target, files: [...files.keys()].sort() };
}

/** Name and text of each file of one part of the templates. npm leaves `.gitignore` out of packages, so it is stored as `_gitignore`. */
async function filledFiles(part: string, words: MuscleWords): Promise<[string, string][]> {
  const dir = join(packageRoot(), 'templates', part);
  const names = await readdir(dir);
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [
      name.replace(/^_/, '.'),
      fillTemplate(await readFile(join(dir, name), 'utf8'), name, words),
    ]),
  );
}

/** An id can be fine by itself and still make a route that belongs to the host: `tools`, `admin`. */
function refuseSpec(text: string, id: string): void {
  const { diagnostics } = parseSpec({ text, file: 'spec.yaml', folderName: id, strict: true });
  const [first] = diagnostics;
  if (first) throw new ScaffoldError(`The id ${id} does not work: ${first.message} Choose another id.`);
}
