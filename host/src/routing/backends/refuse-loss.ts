import type { EngineCaps } from '../../stores/engine-caps.ts';
import { StoreError } from '../../stores/store-error.ts';

/**
 * Refuses a server that acknowledges before a write is safe, unless the route says that this is wanted. A route is for
 * a system of record unless it says otherwise.
 *
 * @throws StoreError `unavailable`, with the server settings that would do.
 */
export function refuseLoss(caps: Pick<EngineCaps, 'durability'>, mayLoseWrites: boolean, settings: string): void {
  if (mayLoseWrites || caps.durability !== 'process') return;
  throw new StoreError(
    'unavailable',
    `The server may lose acknowledged writes: set ${settings}, or say "may_lose_writes": true in the config of the route.`,
  );
}
