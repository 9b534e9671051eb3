import type { StoredEvent } from '../../event-spine.ts';
import { fromJsonText } from '../json-text.ts';

/** One document: events that follow each other in one stream. Queries go by `sort` and `ids` alone. */
export interface CommitFields {
  readonly tenantId: string;
  readonly stream: string;
  /** Tenant, stream and number of the last event: see `streamSortKey`. */
  readonly sort: string;
  readonly first: number;
  readonly last: number;
  readonly lastAt: string;
  /** The hash of every event's id, in the order of the events. */
  readonly ids: readonly string[];
  /** The events, as a JSON array of `eventId`, `type`, `at`, `data`. */
  readonly json: string;
  /** Names the call that wrote it, so that a call whose answer was lost finds its own commit. */
  readonly write: string;
}

type EventFields = Pick<StoredEvent, 'eventId' | 'type' | 'at' | 'data'>;

export function eventsOf({ first, json }: CommitFields, toCursor: (seq: number) => string): StoredEvent[] {
  const events = fromJsonText<never>(json, `event ${first}`) as readonly EventFields[];
  return events.map((event, i) => ({ cursor: toCursor(first + i), seq: first + i, ...event }));
}

/** What changes in a commit that is to forget its events before `seq`. */
export function forgetBefore({ first, ids, json }: CommitFields, seq: number): Partial<CommitFields> {
  const events = fromJsonText<never>(json, `event ${first}`) as readonly EventFields[];
  const forgotten = seq - first;
  return { first: seq, ids: ids.slice(forgotten), json: JSON.stringify(events.slice(forgotten)) };
}
