import type { StreamRef } from '../../event-spine.ts';
import { StoreError } from '../../store-error.ts';
import { eventsOf, type Commit } from './commit-item.ts';
import type { CommitLog } from './commit-log.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';
import type { Place } from './commit-cursor.ts';
import { toSortKey } from './sort-key.ts';

/** What is known of an event id: where its event is, or the place that is claimed for it, if any. */
export interface Claim {
  readonly id: string;
  readonly there?: Place;
  readonly place?: number;
}

/**
 * Makes an event id unique in its stream, without transactions and without a window.
 *
 * A claim is an item `<tenant>|i|<stream>`, `<event id>` with a `place`. A writer commits an event with an id only at
 * the place that the claim names, and moves a claim on, conditionally, only when that place is taken by a commit
 * without the event, or retention has forgotten the event. Places never become free again. So no two commits can hold
 * the event: of two writers with one claim, both try the same place, and one create wins.
 *
 * A writer that dies between claim and commit leaves a claim that the next writer with this id takes over. Ids that
 * the spine makes up itself (an event without one) are random and have no claim.
 */
export class EventClaims {
  readonly #table: DynamoTable;
  readonly #log: CommitLog;

  constructor(table: DynamoTable, log: CommitLog) {
    this.#table = table;
    this.#log = log;
  }

  async look(at: StreamRef, id: string, headSeq: number): Promise<Claim> {
    const claim = await this.#table.get<{ place: number }>(claimKey(at, id), `look for event ${id}`);
    if (!claim) return { id };
    const { place } = claim;
    // At the head or beyond: somebody is about to write it, or died.
    if (place > headSeq) return { id, place };
    const commit = await this.#log.get(at, place);
    const index = commit ? eventsOf(commit).findIndex((event) => event.id === id) : -1;
    if (index === -1) return { id, place };
    const seq = place + index;
    return seq < (await this.#log.kept(at)).from ? { id, place } : { id, place, there: { seq, first: place } };
  }

  /** False when somebody else has moved the claim meanwhile, or the head behind it has moved: look again. */
  async claim(at: StreamRef, { id, place }: Claim, wanted: number): Promise<boolean> {
    if (place === wanted) return true;
    if (place !== undefined && place > wanted) return false;
    const condition = place === undefined ? 'absent' : { equals: { place } };
    return unlessConflict(
      this.#table.put(claimKey(at, id), { place: wanted }, condition, `claim event ${id}`).then(() => true),
    );
  }

  /** Forgets the ids of a commit, but not one that has moved on to a later event. */
  async release(at: StreamRef, commit: Commit): Promise<void> {
    const condition = { equals: { place: commit.first } };
    const claimed = eventsOf(commit).filter((event) => event.claimed);
    await Promise.all(
      claimed.map(({ id }) => unlessConflict(this.#table.delete(claimKey(at, id), condition, `forget event ${id}`))),
    );
  }
}

async function unlessConflict(work: Promise<boolean>): Promise<boolean> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'conflict') return false;
    throw error;
  }
}

function claimKey({ tenantId, stream }: StreamRef, id: string): ItemKey {
  return { pk: `${tenantId}|i|${stream}`, sk: toSortKey(id), tenant: tenantId };
}
