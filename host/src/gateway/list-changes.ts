import { sha256OfJson } from '../spine/digest.ts';
import type { Snapshot } from '../muscles/snapshot.ts';
import type { ListKind } from './change-notifier.ts';
import { toolTable } from './tool-table.ts';

/** Which lists look different to clients; new code behind the same tools is not news to them. */
export function listChanges(before: Snapshot, after: Snapshot): ListKind[] {
  const kinds: [ListKind, (snapshot: Snapshot) => unknown][] = [
    ['tools', (snapshot) => toolTable(snapshot, { toolNames: 'underscore', errorStyle: 'jsonrpc', overHttp: true })],
    ['prompts', (snapshot) => snapshot.prompts.map((prompt) => prompt.spec)],
    ['resources', (snapshot) => snapshot.resources.map((resource) => resource.spec)],
  ];
  return kinds.filter(([, look]) => sha256OfJson(look(before)) !== sha256OfJson(look(after))).map(([kind]) => kind);
}
