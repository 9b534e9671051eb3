import type { Hit } from '../finding.ts';
import type { MuscleFacts } from '../muscle-facts.ts';

export function* effectsStated({ spec, specFile, positions }: MuscleFacts): Iterable<Hit> {
  for (const [index, { name, effects, http }] of (spec?.scopes ?? []).entries()) {
    const own = positions.at(['scopes', index, 'effects']);
    const scope = positions.at(['scopes', index]);
    // The position of an absent key is that of its parent.
    if (own.line === scope.line && own.column === scope.column) {
      const at = positions.at(['scopes', index, 'name']);
      yield { file: specFile, ...at, message: `${name} does not state its effects, which then are destructive.` };
    } else if (http?.method === 'GET' && effects !== 'read') {
      const message = `${name} is ${effects}, but bound to GET, which caches, crawlers and prefetching repeat at will.`;
      yield {
        file: specFile,
        ...own,
        message,
        fix: 'Use POST, PUT, PATCH or DELETE; or effects: read if it changes nothing.',
      };
    } else if (http?.method === 'DELETE' && effects === 'read') {
      const message = `${name} is bound to DELETE, but says that it only reads.`;
      yield { file: specFile, ...own, message, fix: 'Write effects: destructive, or use GET.' };
    }
  }
}
