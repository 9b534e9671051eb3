import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';

/** The methods of the console that write to stdout; `error`, `warn` and `trace` write to stderr. */
const CONSOLE = /^console\.(log|info|debug|dir|dirxml|table|group|groupCollapsed|count|time|timeEnd|timeLog)$/;
const STREAM = /^process\.stdout(\.|$)/;

export function* noStdout({ sources, probe, implFile }: MuscleFacts): Iterable<Hit> {
  let named = false;
  for (const { file, chains } of sources) {
    for (const { text, at } of chains) {
      if (!CONSOLE.test(text) && !STREAM.test(text)) continue;
      named = true;
      yield { file, ...at, message: `${text} writes to stdout.` };
    }
  }
  // What the source does not show, a package may still do.
  const printed = probe?.stdout.trim().split('\n')[0];
  if (!named && printed) {
    const message = `Importing impl.ts wrote "${printed.slice(0, 60)}" to stdout.`;
    yield {
      file: implFile,
      line: 1,
      column: 1,
      message,
      fix: 'Find the package that prints, and silence or replace it.',
    };
  }
}
