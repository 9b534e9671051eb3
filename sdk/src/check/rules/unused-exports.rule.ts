import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';

/** Functions that impl.ts exports and spec.yaml never names: usually a scope that was forgotten. */
export function* unusedExports({ spec, probe, sources, implFile }: MuscleFacts): Iterable<Hit> {
  if (!spec || probe?.ended !== 'reported') return;
  // A handler that is missed and one that is too many are one misspelling.
  if (probe.report.diagnostics.length > 0) return;
  const named = new Set<string | undefined>(['setup', 'dispose', 'default']);
  for (const { handler } of spec.scopes) named.add(handler);
  for (const { handler, lister, completer } of spec.resources) named.add(handler).add(lister).add(completer);
  for (const { handler, completer } of spec.prompts) named.add(handler).add(completer);
  for (const [name, kind] of Object.entries(probe.report.exports)) {
    if (kind !== 'function' || named.has(name)) continue;
    const at = sources[0]?.exports.find(({ text }) => text === name)?.at ?? { line: 1, column: 1 };
    const message = `impl.ts exports the function "${name}", which spec.yaml does not name.`;
    const fix = 'Add the scope that it runs to spec.yaml, or move the function into a file of its own.';
    yield { file: implFile, ...at, severity: 'warning', message, fix };
  }
}
