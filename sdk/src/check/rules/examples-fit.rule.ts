import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';

export function* examplesFit({ spec, specFile, positions, probe }: MuscleFacts): Iterable<Hit> {
  if (!spec) return;
  const probed = probe?.ended === 'reported' ? probe.report.scopes : [];
  for (const [index, { name, examples, http }] of spec.scopes.entries()) {
    if (examples.length === 0 && http?.body !== 'stream') {
      const at = positions.at(['scopes', index, 'name']);
      yield { file: specFile, ...at, message: `${name} has no example.` };
    }
    for (const [which, { after }] of examples.entries()) {
      const place = (...path: string[]) => ({
        file: specFile,
        ...positions.at(['scopes', index, 'examples', which, ...path]),
      });
      const first = after === undefined ? undefined : spec.scopes.find((scope) => scope.name === after);
      if (after !== undefined && first === undefined)
        yield {
          ...place('after'),
          severity: 'error',
          message: `This muscle has no scope "${after}" to run before the example.`,
          fix: 'Name a scope of this muscle that has an example.',
        };
      else if (first && (first.examples.length === 0 || leadsTo(spec.scopes, first.name, name)))
        yield {
          ...place('after'),
          severity: 'error',
          message: `"${first.name}" cannot run before this example: it has none itself, or waits for this one.`,
          fix: 'Give it an example that stands on its own.',
        };
      const issues = probed.find((scope) => scope.name === name)?.exampleIssues[which] ?? [];
      if (issues.length > 0)
        yield {
          ...place('arguments'),
          severity: 'error',
          message: `The input model refuses this example: ${issues.slice(0, 3).join('; ')}.`,
          fix: 'Correct the example, or the model.',
        };
    }
  }
}

type Scopes = readonly { name: string; examples: readonly { after?: string }[] }[];

function leadsTo(scopes: Scopes, from: string, to: string): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = from; at !== undefined && !seen.has(at);) {
    if (at === to) return true;
    seen.add(at);
    at = scopes.find(({ name }) => name === at)?.examples[0]?.after;
  }
  return false;
}
