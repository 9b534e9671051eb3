import { randomUUID } from 'node:crypto';
import type { AppendEntry, Appended, StreamRef } from '../../event-spine.ts';
import { StoreError } from '../../store-error.ts';
import { streamCursors } from '../stream-cursor.ts';
import { FIRESTORE_JSON, FIRESTORE_LIMITS, MAX_COMMIT_BYTES } from './firestore-caps.ts';
import { toJsonText } from '../json-text.ts';
import { eventIdHash, streamSortKey } from '../document-ids.ts';

/** An entry of `appendAll`, its value written out when it was called. */
export interface Prepared extends Omit<AppendEntry, 'event'> {
  /** Names the stream within this call. */
  readonly stream: string;
  readonly eventId: string;
  readonly idHash: string;
  /** The caller's own event id, which may be in the stream already. */
  readonly given: boolean;
  readonly type: string;
  readonly json: string;
}

/** The newest commit of a stream, as far as an append needs it. */
export interface Head {
  readonly last: number;
  readonly lastAt: string;
}

/** Where an event id was found, and whether an earlier attempt of this very call put it there. */
export interface Known {
  readonly seq: number;
  readonly mine: boolean;
}

/** Events that follow each other in one stream, for one document. */
export interface NewCommit {
  readonly at: StreamRef;
  readonly first: number;
  readonly last: number;
  readonly lastAt: string;
  readonly ids: readonly string[];
  readonly json: string;
}

export function prepared(entries: readonly AppendEntry[]): Prepared[] {
  const all = entries.map(({ at, event, expect, time }): Prepared => {
    const { eventId = randomUUID(), type } = event;
    const json = toJsonText(event.data, `an event of stream ${at.stream}`, FIRESTORE_JSON);
    const idHash = eventIdHash(at, eventId);
    return {
      at,
      expect,
      time,
      stream: streamSortKey(at),
      eventId,
      idHash,
      given: event.eventId !== undefined,
      type,
      json,
    };
  });
  const bytes = all.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0);
  if (bytes <= MAX_COMMIT_BYTES) return all;
  const message = `The events of one call have ${bytes} bytes as JSON: at most ${MAX_COMMIT_BYTES} are one commit.`;
  throw new StoreError('too_large', message);
}

/**
 * What an append writes when the streams are as given, and what it answers.
 *
 * @throws StoreError `conflict` when a head is not the expected one.
 */
export function planCommits(
  entries: readonly Prepared[],
  heads: ReadonlyMap<string, Head | undefined>,
  known: ReadonlyMap<string, Known>,
  clock: string,
): { answers: Appended[]; commits: NewCommit[] } {
  const streams = new Map([...heads].map(([stream, head]) => [stream, { ...(head ?? { last: 0, lastAt: '' }) }]));
  const written = new Map<string, number>();
  const writers = new Map<string, CommitWriter>();
  const answers = entries.map(({ at, stream, expect, time = clock, ...event }): Appended => {
    const { toCursor } = streamCursors(at);
    const there = known.get(event.idHash);
    const seen = there?.seq ?? written.get(event.idHash);
    if (seen !== undefined) return { cursor: toCursor(seen), seq: seen, duplicate: there?.mine !== true };
    const state = streams.get(stream)!;
    if (expect !== undefined && expect !== (state.last > 0 ? toCursor(state.last) : null)) {
      throw new StoreError('conflict', `Stream ${at.stream} has another head than expected: read it again and decide.`);
    }
    const seq = (state.last += 1);
    // A clock that was set back must not make a later event look older: readers filter and merge by time.
    if (state.lastAt < time) state.lastAt = time;
    written.set(event.idHash, seq);
    const writer = writers.get(stream) ?? new CommitWriter(at, seq);
    writers.set(stream, writer);
    writer.add(event, state.lastAt);
    return { cursor: toCursor(seq), seq, duplicate: false };
  });
  return { answers, commits: [...writers.values()].flatMap((writer) => writer.done()) };
}

/** Fills documents with the new events of one stream, another one whenever the next event has no room. */
class CommitWriter {
  readonly #at: StreamRef;
  readonly #done: NewCommit[] = [];
  #next: number;
  #events: { readonly text: string; readonly idHash: string; readonly at: string }[] = [];
  #bytes = 0;

  constructor(at: StreamRef, first: number) {
    this.#at = at;
    this.#next = first;
  }

  add({ eventId, idHash, type, json }: Pick<Prepared, 'eventId' | 'idHash' | 'type' | 'json'>, at: string): void {
    const text = `${JSON.stringify({ eventId, type, at }).slice(0, -1)},"data":${json}}`;
    // The hash of the id is a field of its own, and indexed.
    const bytes = Buffer.byteLength(text) + 1 + idHash.length;
    if (this.#bytes + bytes > FIRESTORE_LIMITS.maxValueBytes) this.#flush();
    this.#events.push({ text, idHash, at });
    this.#bytes += bytes;
  }

  done(): NewCommit[] {
    this.#flush();
    return this.#done;
  }

  #flush(): void {
    const last = this.#events.at(-1);
    if (!last) return;
    const first = this.#next;
    this.#next += this.#events.length;
    this.#done.push({
      at: this.#at,
      first,
      last: this.#next - 1,
      lastAt: last.at,
      ids: this.#events.map(({ idHash }) => idHash),
      json: `[${this.#events.map(({ text }) => text).join()}]`,
    });
    this.#events = [];
    this.#bytes = 0;
  }
}
