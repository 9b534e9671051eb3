import type { JsonSchema } from '../contract/json.ts';
import type { ScopeSpec } from '../contract/spec.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Findings } from './findings.ts';
import { httpPathParameters } from './http-path.ts';
import type { SpecPath } from './module-exports.ts';
import type { SpecPositions } from './spec-positions.ts';

/**
 * Parameters and subject name properties of the input. One that is not there would reach neither handler nor policy,
 * and a policy that looks for a subject must never silently find none.
 */
export function checkReferences(
  spec: ScopeSpec,
  input: JsonSchema,
  { findings, positions, path }: { findings: Findings; positions: SpecPositions; path: SpecPath },
): void {
  const properties = declaredProperties(input);
  if (!properties) return;
  for (const name of spec.http ? httpPathParameters(spec.http.path) : []) {
    if (properties.includes(name)) continue;
    const hint = didYouMean(name, properties) || `. Add it to the input, or take it out of the path.`;
    const at = positions.at([...path, 'http', 'path']);
    findings.error('bind.unknown_http_param', at, `The input has no property "${name}" for the path parameter${hint}`);
  }
  const id = spec.subject?.id;
  if (id !== undefined && !properties.includes(id)) {
    const hint = didYouMean(id, properties) || '. Name a property of the input, or leave subject.id out.';
    const at = positions.at([...path, 'subject', 'id']);
    findings.error('bind.unknown_subject_property', at, `The input has no property "${id}" for the subject${hint}`);
  }
}

/** Nothing when a hand-written schema composes its properties in ways that cannot be listed. */
function declaredProperties(schema: JsonSchema): string[] | undefined {
  const composed = ['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'if', 'patternProperties', 'dependentSchemas'];
  if (composed.some((keyword) => keyword in schema)) return undefined;
  const { properties } = schema;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}
