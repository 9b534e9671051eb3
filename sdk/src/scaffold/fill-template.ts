import { stringify } from 'yaml';

/** What takes the place of the words that the template files use. */
export interface MuscleWords {
  readonly id: string;
  /** Title for people. */
  readonly name: string;
  readonly summary: string;
  /** Version of the SDK that the muscle is written against. */
  readonly sdkVersion: string;
}

/**
 * The text of a template file with the words of the new muscle in it. The files are whole muscles that work as they
 * stand, so the words are ordinary ones: `my_muscle`, `my-muscle`, `My muscle`, `What this muscle is for.`
 */
export function fillTemplate(text: string, file: string, words: MuscleWords): string {
  const written = writerFor(file);
  const replacements: Record<string, string> = {
    my_muscle: words.id,
    // In URLs words are joined by hyphens.
    'my-muscle': words.id.replaceAll('_', '-'),
    'My muscle': written(words.name),
    'What this muscle is for.': written(words.summary),
  };
  // One pass: what was put in is never looked at again.
  const filled = text.replace(
    /my_muscle|my-muscle|My muscle|What this muscle is for\./g,
    (word) => replacements[word] ?? word,
  );
  return file.endsWith('package.json')
    ? filled.replace(/("@northstar\/(?:sdk|host)": ")[^"]*/g, `$1${words.sdkVersion}`)
    : filled;
}

/** How free text stands in a file of this kind; unquoted, a colon or a quote would break the file. */
function writerFor(file: string): (text: string) => string {
  if (file.endsWith('.yaml')) return (text) => stringify(text, { singleQuote: true, lineWidth: 0 }).trimEnd();
  if (file.endsWith('.json')) return (text) => JSON.stringify(text).slice(1, -1);
  return (text) => text;
}
