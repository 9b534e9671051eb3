import type { Capability } from '../../contract/spec.ts';
import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';

const PROPERTY: { readonly [property: string]: Capability } = {
  tabular: 'tabular_store',
  objects: 'object_store',
  events: 'event_spine',
};

export function* capabilitiesDeclared({ spec, specFile, positions, sources }: MuscleFacts): Iterable<Hit> {
  if (!spec) return;
  const used = new Set<Capability>();
  for (const { file, chains } of sources) {
    for (const { text, at } of chains) {
      const property = /^(?:ctx|context)\.(tabular|objects|events)\b/.exec(text)?.[1];
      const capability = property === undefined ? undefined : PROPERTY[property];
      if (capability === undefined) continue;
      if (!used.has(capability) && !spec.requires.includes(capability)) {
        const fix = `Add ${capability} to requires in spec.yaml, or remove its use.`;
        yield { file, ...at, message: `ctx.${property} is there only for a muscle that requires ${capability}.`, fix };
      }
      used.add(capability);
    }
  }
  for (const [index, capability] of spec.requires.entries()) {
    const mentioned = sources.some(({ strings }) => strings.some(({ text }) => text === capability));
    if (used.has(capability) || mentioned || sources.length === 0) continue;
    const message = `requires names ${capability}, but the code never uses it.`;
    const at = positions.at(['requires', index]);
    yield { file: specFile, ...at, severity: 'warning', message, fix: `Remove ${capability} from requires.` };
  }
}
