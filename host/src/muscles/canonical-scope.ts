import type { Snapshot } from './snapshot.ts';

/**
 * The scope's own name for either spelling: `media_v2_create_asset` becomes `media_v2.create_asset`. Policy that was
 * written for the name on the wire would otherwise be stored and hold for nothing. Unknown names stay as they are.
 */
export function canonicalScope(snapshot: Snapshot, name: string): string {
  return snapshot.toolByName.get(name)?.spec.name ?? snapshot.promptByName.get(name)?.spec.name ?? name;
}
