import type { Diagnostic } from '@northstar/sdk/bind';
import type { ActiveMuscle } from './active-muscle.ts';

export interface Contender {
  readonly muscle: ActiveMuscle;
  /** Path of its spec.yaml, for the diagnostic. */
  readonly file: string;
}

/**
 * Splits muscles into those that can live side by side and those that claim a name another already has. The earlier
 * one in the list keeps the name; the later one is refused whole, and nobody else is touched.
 */
export function separateCollisions(contenders: readonly Contender[]): {
  accepted: Contender[];
  refused: { contender: Contender; diagnostics: Diagnostic[] }[];
} {
  const owners = new Map<string, string>();
  const accepted: Contender[] = [];
  const refused: { contender: Contender; diagnostics: Diagnostic[] }[] = [];
  for (const contender of contenders) {
    const claims = claimsOf(contender.muscle);
    const diagnostics = claims
      .filter(({ key }) => owners.has(key))
      .map(({ key, what }): Diagnostic => ({
        severity: 'error',
        code: 'load.name_collision',
        message: `${what} is already taken by muscle ${owners.get(key)}. Rename it here, or disable one of the two.`,
        file: contender.file,
        line: 1,
        column: 1,
      }));
    if (diagnostics.length > 0) {
      refused.push({ contender, diagnostics });
      continue;
    }
    for (const { key } of claims) owners.set(key, contender.muscle.spec.id);
    accepted.push(contender);
  }
  return { accepted, refused };
}

function claimsOf({ spec, tools, resources, prompts }: ActiveMuscle): { key: string; what: string }[] {
  return [
    { key: `muscle ${spec.id}`, what: `The muscle id ${spec.id}` },
    ...tools.map((tool) => ({
      key: `tool ${tool.wireName}`,
      what: `The tool name ${tool.wireName} (scope ${tool.spec.name})`,
    })),
    ...tools.flatMap(({ http }) =>
      http
        ? [
            {
              key: `http ${http.method} ${http.path.replace(/\{[^}]*\}/g, '{}')}`,
              what: `The route ${http.method} ${http.path}`,
            },
          ]
        : [],
    ),
    ...resources.map(({ spec: { uri } }) => ({
      key: `uri ${uri.replace(/\{[^}]*\}/g, '{}')}`,
      what: `The resource URI ${uri}`,
    })),
    ...prompts.map((prompt) => ({ key: `prompt ${prompt.wireName}`, what: `The prompt name ${prompt.wireName}` })),
  ];
}
