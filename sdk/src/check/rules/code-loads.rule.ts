import { realpathSync } from 'node:fs';
import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';
import { placeOfFailure } from '../place-of-failure.ts';
import { isInside, specifierPath } from '../source/source-graph.ts';
import { importsStayInside } from './imports.rule.ts';

export function* codeLoads(facts: MuscleFacts): Iterable<Hit> {
  const { implFile, sources, probe } = facts;
  const start = { file: implFile, line: 1, column: 1 };
  if (sources.length === 0) {
    yield {
      ...start,
      message: 'impl.ts does not exist.',
      fix: 'Put the code of the muscle into impl.ts beside spec.yaml.',
    };
    return;
  }
  for (const { file, syntaxErrors } of sources) {
    // The others follow from the first.
    for (const { text, at } of syntaxErrors.slice(0, 1))
      yield {
        file,
        ...at,
        message: `Syntax error: ${text}`,
        fix: 'Correct the code here; the host cannot compile it.',
      };
  }
  const missing = [...missingFiles(facts)];
  yield* missing;
  if (probe?.ended === 'hung') {
    yield {
      ...start,
      message: `impl.ts did not finish importing within ${probe.timeoutMs / 1000} s.`,
      fix: 'Take top-level awaits and loops out of the module; connect in setup() or on the first call.',
    };
  } else if (probe?.ended === 'exited') {
    yield {
      ...start,
      message: `The process ended with status ${probe.status} while impl.ts was imported.`,
      fix: 'Take process.exit out of the top level; throw MuscleError in a handler instead.',
    };
  } else if (probe?.report.failure && missing.length === 0 && ![...importsStayInside(facts)].some(isError)) {
    // A foreign import is told by its own rule, and usually the reason.
    yield placeOfFailure(facts, probe.report.failure);
  }
}

const isError = ({ severity }: Hit): boolean => severity === undefined;

function* missingFiles({ sources, dir }: MuscleFacts): Iterable<Hit> {
  for (const { file, path, imports } of sources) {
    for (const { text, at, target } of imports) {
      const meant = specifierPath(path, text);
      if (target !== undefined || meant === undefined || !isInside(realpathSync(dir), meant)) continue;
      yield {
        file,
        ...at,
        message: `There is no file "${text}".`,
        fix: 'Correct the path, or add the file to the folder of the muscle.',
      };
    }
  }
}
