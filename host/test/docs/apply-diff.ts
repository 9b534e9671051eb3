/**
 * What a file is after the change that a page shows as a diff. Hunks are separated by lines that begin with `@@`; the
 * lines of each that stand before the change must be in the file exactly once.
 */
export function applyDiff(text: string, diff: string): string {
  return diff
    .trimEnd()
    .split(/^@@.*\n/m)
    .filter(Boolean)
    .reduce(applyHunk, text);
}

function applyHunk(text: string, hunk: string): string {
  const lines = hunk.trimEnd().split('\n');
  const side = (sign: string): string =>
    lines
      .filter((line) => line.startsWith(' ') || line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const [before, ...more] = text.split(side('-'));
  if (before === undefined || more.length !== 1) throw new Error(`These lines stand ${more.length} times in:\n${text}`);
  return `${before}${side('+')}${more[0]}`;
}
