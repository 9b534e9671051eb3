import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSpec } from '../bind/index.ts';
import { packageRoot } from '../package-root.ts';
import { fillTemplate, type MuscleWords } from './fill-template.ts';
import { muscleWords } from './muscle-words.ts';
import { ScaffoldError } from './scaffold-error.ts';
import { stubFiles, type StubScope } from './stub-scopes.ts';
import { targetFolder, type Layout, type Target } from './target-folder.ts';
import { isTemplateName, TEMPLATE_NAMES } from './templates.ts';

/** What to write, and where. Only `id`, `template` and `cwd` have no default. */
export interface CreateMuscleOptions {
  /** Also the name of the folder: a lower-case letter, then at most 39 of letters, digits and `_`. */
  readonly id: string;
  /** One of TEMPLATE_NAMES, or scopes to stub. */
  readonly template: string | readonly StubScope[];
  /** Title for people; made from the id when absent. */
  readonly name?: string | undefined;
  /** One sentence on what the muscle does. */
  readonly summary?: string | undefined;
  /** Folder that gets the muscle's folder; by default `plugins` of the workspace around `cwd`, else `cwd`. */
  readonly parent?: string | undefined;
  /** By default `workspace` where there is one around `cwd`, else `package`. */
  readonly layout?: Layout | undefined;
  /** Absolute. */
  readonly cwd: string;
}

/** What was written, and where. */
export interface CreatedMuscle extends Target {
  /** Relative to `dir`, sorted. */
  readonly files: readonly string[];
}

/** Writes a new muscle that type-checks, tests and builds as it stands. Throws ScaffoldError before it writes anything. */
export async function createMuscle(options: CreateMuscleOptions): Promise<CreatedMuscle> {
  const words = muscleWords(options);
  const { template } = options;
  if (typeof template === 'string' && !isTemplateName(template))
    throw new ScaffoldError(`There is no template "${template}". Choose one of ${TEMPLATE_NAMES.join(', ')}.`);
  const target = await targetFolder(options.id, options);
  const parts = ['shared', ...(target.layout === 'package' ? ['package'] : [])];
  const files = new Map(
    [
      typeof template === 'string' ? await filledFiles(template, words) : stubFiles(words, template),
      ...(await Promise.all(parts.map((part) => filledFiles(part, words)))),
    ].flat(),
  );
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
  if (first) throw new ScaffoldError(`${id} does not work: ${first.message}`);
}
