import type { Snapshot } from '../muscles/snapshot.ts';
import { sha256OfJson } from '../spine/digest.ts';
import type { ListKind } from './change-notifier.ts';

/** Which lists look different to clients; new code behind the same tools is not news to them. */
export function listChanges(before: Snapshot, after: Snapshot): ListKind[] {
  const kinds: [ListKind, (snapshot: Snapshot) => unknown][] = [
    // The digest covers all that a tool promises; hashing whole schemas again would cost 20 ms with 1,000 tools.
    ['tools', (snapshot) => snapshot.tools.map((tool) => [tool.wireName, tool.toolId, tool.guarded.digest])],
    ['prompts', (snapshot) => snapshot.prompts.map((prompt) => prompt.spec)],
    ['resources', (snapshot) => snapshot.resources.map((resource) => resource.spec)],
  ];
  return kinds.filter(([, look]) => sha256OfJson(look(before)) !== sha256OfJson(look(after))).map(([kind]) => kind);
}
