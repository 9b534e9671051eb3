import type { JsonSchema } from '../../contract/json.ts';
import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';

const PLACEHOLDER = /\b(TODO|FIXME|TBD|lorem ipsum|description here|describe (me|this))\b/i;
const MIN_WORDS = 5;

export function* descriptionsUseful(facts: MuscleFacts): Iterable<Hit> {
  const { spec, specFile, positions } = facts;
  if (!spec) return;
  const seen = new Map<string, string>();
  for (const [index, { name, title, description }] of spec.scopes.entries()) {
    const place = { file: specFile, ...positions.at(['scopes', index, 'description']) };
    const flat = description.trim();
    const twin = seen.get(flat.toLowerCase());
    if (PLACEHOLDER.test(flat)) yield { ...place, message: `The description of ${name} is a placeholder.` };
    else if (flat === title || flat === name || flat.split(/\s+/).length < MIN_WORDS)
      yield { ...place, message: `The description of ${name}, "${flat}", says too little to choose it by.` };
    else if (twin !== undefined)
      yield {
        ...place,
        message: `${name} has the same description as ${twin}.`,
        fix: 'Say in each what it does that the other does not, and when to use which.',
      };
    seen.set(flat.toLowerCase(), name);
    const bare = undescribed(facts, name);
    if (bare.length > 0) {
      const key = spec.scopes[index]?.inputSchema ? 'input_schema' : 'input_model';
      yield {
        file: specFile,
        ...positions.at(['scopes', index, key]),
        message: `${name} does not say what its argument${bare.length > 1 ? 's' : ''} ${bare.join(', ')} mean${bare.length > 1 ? '' : 's'}.`,
        fix: `Add .describe('…') to ${bare.join(', ')} in the model.`,
      };
    }
  }
}

function undescribed({ probe }: MuscleFacts, scope: string): string[] {
  if (probe?.ended !== 'reported') return [];
  const schema = probe.report.scopes.find(({ name }) => name === scope)?.inputSchema;
  const properties = (schema?.properties ?? {}) as { [name: string]: JsonSchema };
  return Object.entries(properties).flatMap(([name, property]) =>
    property.description === undefined && property.$ref === undefined ? [name] : [],
  );
}
