import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bindMuscle } from '../bind/bind-muscle.ts';
import type { BoundScope } from '../bind/bound-muscle.ts';
import { parseSpec } from '../bind/parse-spec.ts';
import { registerTypeScript } from '../load/register-typescript.ts';
import type { ProbedScope, ProbeReport, ProbeTask } from './probe-task.ts';

/**
 * Imports a muscle in a process of its own, so that one that writes, waits or exits while it is imported cannot take
 * the check with it. Told what to do by the first message, it answers with one and ends.
 */
process.once('message', (task) => {
  void probe(task as ProbeTask).then((report) => process.send?.(report, () => process.exit(0)));
});

async function probe({ dir, compiled, specText }: ProbeTask): Promise<ProbeReport> {
  registerTypeScript({ compiled });
  let exports: { [name: string]: unknown };
  try {
    exports = { ...((await import(pathToFileURL(join(dir, 'impl.ts')).href)) as object) };
  } catch (error) {
    const failure =
      error instanceof Error
        ? { message: error.message, stack: error.stack ?? '' }
        : { message: `it threw ${typeof error === 'string' ? `"${error}"` : typeof error}`, stack: '' };
    return { failure, exports: {}, diagnostics: [], scopes: [] };
  }
  const kinds = Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, kindOf(value)]));
  const { spec, positions } = parseSpec({ text: specText, file: 'spec.yaml' });
  if (spec === undefined) return { exports: kinds, diagnostics: [], scopes: [] };
  const bound = bindMuscle({ spec, positions, file: 'spec.yaml', exports, implFile: 'impl.ts' });
  return { exports: kinds, diagnostics: bound.diagnostics, scopes: (bound.muscle?.scopes ?? []).map(probedScope) };
}

function probedScope(scope: BoundScope): ProbedScope {
  return {
    name: scope.spec.name,
    inputSchema: scope.inputSchema,
    ...(scope.outputSchema && { outputSchema: scope.outputSchema }),
    exampleIssues: scope.spec.examples.map((example) => {
      // What an earlier answer fills in is known only once it runs; describeMuscle does that.
      if (example.after !== undefined) return [];
      const parsed = scope.parseInput(example.arguments);
      return parsed.ok ? [] : parsed.issues.map(({ path, message }) => `${path || 'the arguments'}: ${message}`);
    }),
  };
}

function kindOf(value: unknown): string {
  const isModel = typeof value === 'object' && value !== null && ('_zod' in value || '_def' in value);
  return isModel ? 'model' : typeof value;
}
