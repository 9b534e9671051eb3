import { randomUUID } from 'node:crypto';
import type { Appended } from '../../event-spine.ts';
import { StoreError } from '../../store-error.ts';
import type { CommitCursors, Place } from './commit-cursor.ts';
import type { AppendUnit, Entry } from './append-unit.ts';
import type { Head, NewCommitEvent } from './commit-item.ts';

/** What the stream was like when the plan was made. It holds if the commit lands directly behind this head. */
export interface StreamState extends Head {
  /** Events that are in the stream already, by the ids that the units bring. */
  readonly known: ReadonlyMap<string, Place>;
}

export interface CommitPlan {
  readonly events: readonly NewCommitEvent[];
  /** One for each unit, to be given once the events are written. */
  readonly answers: readonly (readonly Appended[] | StoreError)[];
}

/** Decides, without looking anywhere else, what several units append behind this head and what each is answered. */
export function planCommit(
  units: readonly AppendUnit[],
  state: StreamState,
  cursors: CommitCursors,
  now: () => number,
): CommitPlan {
  const events: NewCommitEvent[] = [];
  const known = new Map(state.known);
  let { seq, at } = state;
  const first = seq + 1;
  const clock = new Date(now()).toISOString();

  const write = ({ event: { eventId, type }, json, time = clock }: Entry): Place => {
    // A clock that was set back must not make a later event look older: readers filter and merge by time.
    at = at > time ? at : time;
    seq += 1;
    const id = eventId ?? randomUUID();
    const fields = { id, type, at, ...(eventId !== undefined && { claimed: true }) };
    events.push({ id, at, text: `${JSON.stringify(fields).slice(0, -1)},"data":${json}}` });
    const place = { seq, first };
    if (eventId !== undefined) known.set(eventId, place);
    return place;
  };

  const isHead = (cursor: string | null): boolean =>
    cursor === (seq === 0 ? null : cursors.toCursor(seq, seq < first ? state.first : first));

  const answer = ({ entries, follows, at: { stream } }: AppendUnit): Appended[] | StoreError => {
    let held = follows;
    const appended: Appended[] = [];
    for (const entry of entries) {
      const { expect, event } = entry;
      const there = event.eventId === undefined ? undefined : known.get(event.eventId);
      const refused = (expect !== undefined && !isHead(expect)) || (held !== undefined && !isHead(held));
      if (there === undefined && refused) {
        return new StoreError('conflict', `Stream ${stream} has another head than expected: read it again and decide.`);
      }
      const place = there ?? write(entry);
      const cursor = cursors.toCursor(place.seq, place.first);
      appended.push({ cursor, seq: place.seq, duplicate: there !== undefined });
      if (expect !== undefined || held !== undefined) held = cursor;
    }
    return appended;
  };

  const answers = units.map(answer);
  return { events, answers };
}
