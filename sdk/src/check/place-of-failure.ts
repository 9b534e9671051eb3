import { fileURLToPath } from 'node:url';
import type { Hit } from './finding.ts';
import type { MuscleFacts } from './muscle-facts.ts';
import type { ImportFailure } from './probe-task.ts';

/** Says what importing threw, at the line of the muscle's own code that it comes from. Never shows a stack. */
export function placeOfFailure(facts: MuscleFacts, { message, stack }: ImportFailure): Hit {
  const line = message.split('\n')[0] ?? message;
  const start = { file: facts.implFile, line: 1, column: 1 };
  const unexported = /'([^']+)' does not provide an export named '([^']+)'/.exec(line);
  if (unexported) {
    const [, module = '', name = ''] = unexported;
    return {
      ...(placeOfImport(facts, module, name) ?? start),
      message: `"${module}" has no export "${name}".`,
      fix: `Export ${name} there, or correct the name here.`,
    };
  }
  const missing = /^Cannot find (?:package|module) '([^']+)'/.exec(line)?.[1];
  const imported = missing === undefined ? undefined : placeOfImport(facts, missing);
  if (missing !== undefined && imported) {
    return {
      ...imported,
      message: `The package "${missing}" is not installed.`,
      fix: `npm install ${packageOf(missing)} in the folder of the muscle.`,
    };
  }
  return {
    ...(placeInStack(facts, stack) ?? start),
    message: `Importing impl.ts failed: ${line}`,
    fix: 'Correct what this line runs, or move it into setup() or a handler, where a failure stays with one call.',
  };
}

function placeOfImport({ sources }: MuscleFacts, specifier: string, name?: string) {
  for (const { file, imports } of sources) {
    for (const entry of imports) {
      if (entry.text !== specifier && !entry.text.startsWith(`${specifier}/`)) continue;
      const named = entry.names.find(({ text }) => text === name);
      if (name === undefined || named) return { file, ...(named ?? entry).at };
    }
  }
  return undefined;
}

/** The first frame in a file of the muscle. */
function placeInStack({ sources }: MuscleFacts, stack: string) {
  for (const [, url = '', line, column] of stack.matchAll(/(file:\/\/\S+?):(\d+)(?::(\d+))?/g)) {
    const path = fileURLToPath(url);
    const source = sources.find((entry) => entry.path === path);
    if (source) return { file: source.file, line: Number(line), column: Number(column ?? 1) };
  }
  for (const [, path = '', line, column] of stack.matchAll(/\(?(\/[^\s():]+):(\d+):(\d+)\)?/g)) {
    const source = sources.find((entry) => entry.path === path);
    if (source) return { file: source.file, line: Number(line), column: Number(column) };
  }
  return undefined;
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
