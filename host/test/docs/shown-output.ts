import { stripVTControlCharacters } from 'node:util';

/** Whether a command printed the lines that a page shows, one after the other. `…` stands for what varies in a line. */
export function printed(actual: string, shown: string): boolean {
  const lines = shown.trimEnd().split('\n').map(pattern);
  return new RegExp(`^${lines.join('\\n')}$`, 'm').test(plain(actual));
}

/** Whether two answers are equal; a text `…` on the page stands for any text, also inside of a longer one. */
export function answered(actual: unknown, shown: unknown): boolean {
  if (typeof shown === 'string' && typeof actual === 'string')
    return new RegExp(`^${pattern(shown)}$`, 's').test(actual);
  if (typeof shown !== 'object' || shown === null) return actual === shown;
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(shown)) return false;
  const keys = Object.keys(shown);
  return (
    keys.length === Object.keys(actual).length &&
    keys.every((key) => answered((actual as Record<string, unknown>)[key], (shown as Record<string, unknown>)[key]))
  );
}

/** Without what only terminals see. */
export function plain(text: string): string {
  return stripVTControlCharacters(text)
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join('\n');
}

function pattern(text: string): string {
  return text
    .trimEnd()
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
}
