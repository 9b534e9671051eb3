import { wireName } from '../../bind/names.ts';
import type { MuscleSpec } from '../../contract/spec.ts';
import type { ClientProfile, Outcome, SchemaFeature } from '../clients/client-profile.ts';
import { CLIENT_PROFILES, SERVER_NAME } from '../clients/client-profiles.ts';
import { schemaFeatures } from '../clients/schema-features.ts';
import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';

const FEATURES: { readonly [feature in SchemaFeature]: { readonly what: string; readonly fix: string } } = {
  'root-combinator': {
    what: 'oneOf, anyOf or allOf at the root of its schema',
    fix: 'Put the alternatives into one property.',
  },
  'root-conditional': {
    what: 'if, not or dependentSchemas at the root of its schema',
    fix: 'Check the condition in the handler, and say it in the description.',
  },
  reference: { what: 'a $ref in its schema', fix: 'Write the shared part out where it is used.' },
  recursion: { what: 'a schema that contains itself', fix: 'Limit the depth, or take the nested part as text.' },
  'array-without-items': {
    what: 'a list that does not say of what',
    fix: 'Write z.array(…) with the schema of its items.',
  },
  tuple: { what: 'a tuple', fix: 'Write an object with a named property for each place.' },
  'enum-of-numbers': {
    what: 'an enum of numbers',
    fix: 'Write the choices as texts, or a number with .min() and .max().',
  },
  'property-without-type': {
    what: 'a property of any type',
    fix: 'Say what it is: z.string(), z.record(…), z.object(…).',
  },
  'odd-property-name': {
    what: 'a property name with letters other than A-Z, a-z, 0-9, "_", "." and "-"',
    fix: 'Rename the property.',
  },
};

export function* clientsKeepTools(facts: MuscleFacts): Iterable<Hit> {
  if (!facts.spec) return;
  yield* tooMany(facts, facts.spec);
  for (const index of facts.spec.scopes.keys()) {
    yield* tooLong(facts, facts.spec, index);
    yield* tooComplex(facts, facts.spec, index);
  }
}

function* tooMany({ specFile, positions }: MuscleFacts, { scopes }: MuscleSpec): Iterable<Hit> {
  for (const { name, toolCount } of CLIENT_PROFILES) {
    if (!toolCount || scopes.length <= toolCount.value) continue;
    const message = `${name} takes ${toolCount.value} tools of all servers together; this muscle has ${scopes.length}, so the rest are ${toolCount.outcome}.`;
    const fix = 'Split the muscle, so that people enable the part that they need.';
    yield { file: specFile, ...positions.at(['scopes']), message, fix };
  }
}

function* tooLong({ specFile, positions }: MuscleFacts, { scopes }: MuscleSpec, index: number): Iterable<Hit> {
  const { name = '', description = '' } = scopes[index] ?? {};
  const long = CLIENT_PROFILES.flatMap(({ name: client, prefix, nameLength }) => {
    const excess =
      prefix.replace('server', SERVER_NAME).length + wireName(name).length - (nameLength?.value ?? Infinity);
    return nameLength && excess > 0
      ? [{ excess, told: `in ${client}, at most ${nameLength.value}, it is ${nameLength.outcome}` }]
      : [];
  });
  if (long.length > 0) {
    const message = `The name ${name} is too long with the prefix of the server: ${long.map(({ told }) => told).join('; ')}.`;
    const fix = `Shorten it by ${Math.max(...long.map(({ excess }) => excess))} letters.`;
    yield { file: specFile, ...positions.at(['scopes', index, 'name']), message, fix };
  }
  for (const { name: client, descriptionLength } of CLIENT_PROFILES) {
    if (!descriptionLength || description.length <= descriptionLength.value) continue;
    const message = `${name} has a description of ${description.length} letters; ${client} takes ${descriptionLength.value}: it is ${descriptionLength.outcome}.`;
    const fix = 'Say what a caller needs to choose, and move the rest into the README.';
    yield { file: specFile, ...positions.at(['scopes', index, 'description']), message, fix };
  }
}

function* tooComplex(
  { specFile, positions, probe }: MuscleFacts,
  { scopes }: MuscleSpec,
  index: number,
): Iterable<Hit> {
  const scope = scopes[index];
  const probed = probe?.ended === 'reported' ? probe.report.scopes.find(({ name }) => name === scope?.name) : undefined;
  if (!scope || !probed) return;
  const at = positions.at(['scopes', index, scope.inputSchema ? 'input_schema' : 'input_model']);
  for (const { feature, path } of schemaFeatures(probed.inputSchema)) {
    const clients = CLIENT_PROFILES.filter((client) => client.schema[feature]);
    if (clients.length === 0) continue;
    const { what, fix } = FEATURES[feature];
    const message = `${scope.name} has ${what}${path && ` at "${path}"`}: ${clients.map((client) => told(client, feature)).join('; ')}.`;
    yield { file: specFile, ...at, message, fix };
  }
}

function told(client: ClientProfile, feature: SchemaFeature): string {
  const outcome: Outcome | undefined = client.schema[feature]?.outcome;
  return `in ${client.name} it is ${outcome}`;
}
