import { randomUUID } from 'node:crypto';
import type { AppendEntry, Appended, StreamRef } from '../event-spine.ts';
import { StoreError } from '../store-error.ts';
import { eventIdHash, streamSortKey } from './document-ids.ts';
import { toJsonText, type JsonLimit } from './json-text.ts';
import type { Known } from './stored-commit.ts';
import { streamCursors } from './stream-cursor.ts';

/** Events of one document. A reader of a page of events knows by it how far their documents go. */
export const MAX_EVENTS = 100;

/** An entry of `appendAll`, its value written out when it was called. */
export interface Prepared extends Omit<AppendEntry, 'event'> {
  /** Names the stream within this call. */
  readonly stream: string;
  readonly eventId: string;
  /** What the id is found by in the engine: a hash, or the id itself when the engine made it up. */
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

/** Events that follow each other in one stream, for one document. */
export interface NewCommit {
  readonly at: StreamRef;
  readonly first: number;
  readonly last: number;
  readonly lastAt: string;
  readonly ids: readonly string[];
  readonly json: string;
}

/** @throws StoreError `too_large` for an event above the limit. */
export function prepared({ at, event, expect, time }: AppendEntry, limit: JsonLimit): Prepared {
  const { eventId = randomUUID(), type } = event;
  const given = event.eventId !== undefined;
  return {
    at,
    expect,
    time,
    stream: streamSortKey(at),
    eventId,
    idHash: given ? eventIdHash(at, eventId) : eventId,
    given,
    type,
    json: toJsonText(event.data, `an event of stream ${at.stream}`, limit),
  };
}

/** What an append finds in the engine. */
export interface Found {
  /** The newest commit of every stream that an entry is for. */
  readonly heads: ReadonlyMap<string, Head | undefined>;
  /** By the hash of the event id. */
  readonly known: ReadonlyMap<string, Known>;
}

/**
 * What an append writes when the streams are as given, and what it answers.
 *
 * @param clock ISO 8601, for entries without a time of their own.
 * @param maxDocumentBytes of JSON; an event that has more gets a document for itself.
 * @throws StoreError `conflict` when a head is not the expected one.
 */
export function planCommits(
  entries: readonly Prepared[],
  { heads, known }: Found,
  clock: string,
  maxDocumentBytes: number,
): { answers: Appended[]; commits: NewCommit[] } {
  const streams = new Map([...heads].map(([stream, head]) => [stream, { ...(head ?? { last: 0, lastAt: '' }) }]));
  const written = new Map<string, number>();
  const writers = new Map<string, CommitWriter>();
  // Field by field, here and above: a spread for each event costs more than all else of an append by many callers.
  const answers = entries.map((event): Appended => {
    const { at, stream, expect, time = clock } = event;
    const { toCursor } = streamCursors(at);
    const mine = written.get(event.idHash);
    if (mine !== undefined) return { cursor: toCursor(mine), seq: mine, duplicate: true };
    const there = known.get(event.idHash);
    if (there) {
      // Of two entries with one id, the first wrote it.
      written.set(event.idHash, there.seq);
      return { cursor: toCursor(there.seq), seq: there.seq, duplicate: !there.mine };
    }
    const state = streams.get(stream)!;
    if (expect !== undefined && expect !== (state.last > 0 ? toCursor(state.last) : null)) {
      throw new StoreError('conflict', `Stream ${at.stream} has another head than expected: read it again and decide.`);
    }
    const seq = (state.last += 1);
    // A clock that was set back must not make a later event look older: readers filter and merge by time.
    if (state.lastAt < time) state.lastAt = time;
    written.set(event.idHash, seq);
    const writer = writers.get(stream) ?? new CommitWriter(at, seq, maxDocumentBytes);
    writers.set(stream, writer);
    writer.add(event, state.lastAt);
    return { cursor: toCursor(seq), seq, duplicate: false };
  });
  return { answers, commits: [...writers.values()].flatMap((writer) => writer.done()) };
}

/** Fills documents with the new events of one stream, another one whenever the next event has no room. */
class CommitWriter {
  readonly #at: StreamRef;
  readonly #maxBytes: number;
  readonly #done: NewCommit[] = [];
  #next: number;
  #events: { readonly text: string; readonly idHash: string; readonly at: string }[] = [];
  #bytes = 0;

  constructor(at: StreamRef, first: number, maxBytes: number) {
    this.#at = at;
    this.#next = first;
    this.#maxBytes = maxBytes;
  }

  add({ eventId, idHash, type, json }: Pick<Prepared, 'eventId' | 'idHash' | 'type' | 'json'>, at: string): void {
    const text = `${JSON.stringify({ eventId, type, at }).slice(0, -1)},"data":${json}}`;
    // The hash of the id is a field of its own, and indexed.
    const bytes = Buffer.byteLength(text) + 1 + idHash.length;
    if (this.#bytes + bytes > this.#maxBytes || this.#events.length === MAX_EVENTS) this.#flush();
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
