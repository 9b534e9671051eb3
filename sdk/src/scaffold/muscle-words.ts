import { isMuscleId } from '../bind/names.ts';
import { SDK_VERSION } from '../version.ts';
import type { MuscleWords } from './fill-template.ts';
import { ScaffoldError } from './scaffold-error.ts';

/** Letters; longer titles and summaries do not fit where clients show them. */
const MAX_NAME = 80;
const MAX_SUMMARY = 300;

/** Why this is no id, or nothing when it is one. */
export function idProblem(id: string): string | undefined {
  if (isMuscleId(id)) return undefined;
  return `"${id}" is not an id. Use 1 to 40 lower-case letters, digits and underscores, a letter first, such as my_tool.`;
}

/** `my_tool` is called "My tool" unless someone says otherwise. */
export function nameFromId(id: string): string {
  const words = id.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Checks the words of a new muscle and fills in those that were not given. Throws ScaffoldError. */
export function muscleWords({
  id,
  name,
  summary,
}: {
  id: string;
  name?: string | undefined;
  summary?: string | undefined;
}): MuscleWords {
  const problem = idProblem(id);
  if (problem !== undefined) throw new ScaffoldError(problem);
  const title = line('name', name ?? nameFromId(id), MAX_NAME);
  return {
    id,
    name: title,
    summary: line('summary', summary ?? `What ${title} is for.`, MAX_SUMMARY),
    sdkVersion: SDK_VERSION,
  };
}

function line(what: string, text: string, limit: number): string {
  const trimmed = text.trim();
  // Files are filled in line by line: a line break or a control character would end up in code.
  if (trimmed === '' || trimmed.length > limit || /\p{C}/u.test(trimmed))
    throw new ScaffoldError(`The ${what} must be one line of 1 to ${limit} letters.`);
  return trimmed;
}
