import type { StoredEvent } from '../event-spine.ts';
import { fromJsonText } from './json-text.ts';

/** One document: events that follow each other in one stream and were written together. */
export interface StoredCommit {
  readonly tenantId: string;
  readonly stream: string;
  readonly first: number;
  readonly last: number;
  readonly lastAt: string;
  /** What every event's id is found by, in the order of the events: see `Prepared`. */
  readonly ids: readonly string[];
  /** The events, as a JSON array of `eventId`, `type`, `at`, `data`. */
  readonly json: string;
  /** Names the call that wrote it, where the client may repeat one whose answer was lost: it then finds its own. */
  readonly write?: string;
}

type EventFields = Pick<StoredEvent, 'eventId' | 'type' | 'at' | 'data'>;

/** Where an event id was found, and whether an earlier attempt of this very call put it there. */
export interface Known {
  readonly seq: number;
  readonly mine: boolean;
}

/** By their entries in `ids`, the events of these commits; `write` names the call that asks. */
export function knownIn(
  commits: readonly Pick<StoredCommit, 'first' | 'ids' | 'write'>[],
  write?: string,
): (readonly [idHash: string, known: Known])[] {
  return commits.flatMap((commit) =>
    commit.ids.map(
      (id, i) => [id, { seq: commit.first + i, mine: write !== undefined && commit.write === write }] as const,
    ),
  );
}

export function eventsOf(
  { first, json }: Pick<StoredCommit, 'first' | 'json'>,
  toCursor: (seq: number) => string,
): StoredEvent[] {
  const events = fromJsonText<never>(json, `event ${first}`) as readonly EventFields[];
  // Field by field: a spread costs as much as parsing the event.
  return events.map(({ eventId, type, at, data }, i) => {
    const seq = first + i;
    return { cursor: toCursor(seq), seq, eventId, type, at, data };
  });
}

/** What changes in a commit that is to forget its events before `seq`. */
export function forgetBefore(
  { first, ids, json }: StoredCommit,
  seq: number,
): Pick<StoredCommit, 'first' | 'ids' | 'json'> {
  const events = fromJsonText<never>(json, `event ${first}`) as readonly EventFields[];
  const forgotten = seq - first;
  return { first: seq, ids: ids.slice(forgotten), json: JSON.stringify(events.slice(forgotten)) };
}
