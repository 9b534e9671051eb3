import type { Json, Mode } from '@northstar/sdk';
import type { EngineLimits, SpineCaps } from './engine-caps.ts';

export interface StreamRef {
  readonly tenantId: string;
  readonly stream: string;
  /** For routing: absent for the host's own records, which belong to no mode. */
  readonly mode?: Mode;
  /** For routing. Not part of the key: records of one tenant are told apart by their keys. */
  readonly projectId?: string;
}

export interface NewEvent {
  readonly type: string;
  readonly data: Json;
  /** The same id twice in one stream is stored once. */
  readonly eventId?: string;
}

export interface StoredEvent {
  /** Opaque position in this stream. */
  readonly cursor: string;
  /** 1, 2, 3 … without gaps in the embedded engine; only ever increasing elsewhere. */
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  /** ISO 8601, UTC; never earlier than the event before it. */
  readonly at: string;
  readonly data: Json;
}

export interface Appended {
  readonly cursor: string;
  readonly seq: number;
  /** True when the event id was already there: nothing was written. */
  readonly duplicate: boolean;
}

export interface AppendOptions {
  /**
   * The cursor that must be the head of the stream, or null: the stream must be empty. Otherwise `conflict`; a cursor
   * on a stream that does not exist is a conflict too, and so is one that no stream ever gave out.
   */
  readonly expect?: string | null;
  /** ISO 8601, UTC, milliseconds; default the engine's clock. An earlier one than the head's becomes the head's. */
  readonly time?: string;
}

export interface AppendEntry extends AppendOptions {
  readonly at: StreamRef;
  readonly event: NewEvent;
}

/**
 * Append-only, replayable log: strictly ordered per stream, durable before an append answers. No reader ever sees an
 * event before all that precede it in the stream.
 */
export interface EventSpine {
  readonly caps: SpineCaps;
  readonly limits: EngineLimits;
  /**
   * An event id that the stream knows already answers as a duplicate, before `expect` is looked at: so an append whose
   * answer was lost can be repeated as it was.
   */
  append(at: StreamRef, event: NewEvent, options?: AppendOptions): Promise<Appended>;
  /**
   * With `caps.atomicAppend` all of them or none, in one commit. Otherwise in order, stopping at the first failure:
   * what came before it stays, so the caller reads again or repeats with the same event ids. Streams may differ.
   *
   * `expect` is about the stream as the entries before it in the same call leave it. It also holds the stream for the
   * rest of the call: its later entries of this call follow directly, with nobody's event in between, or the call
   * stops with `conflict`. (An engine without transactions expects after each entry the cursor that it just got.)
   */
  appendAll(entries: readonly AppendEntry[]): Promise<readonly Appended[]>;
  /**
   * Events after `after`; from the oldest that is kept when absent. `limit` 1 to 1000, default 100; fewer come when
   * they are large: `more` says whether to go on. `cursor_invalid` when this stream did not give the cursor out, and
   * when it has forgotten the cursor's event: the reader may have missed some.
   */
  read(
    at: StreamRef,
    query?: { after?: string; limit?: number },
  ): Promise<{ events: readonly StoredEvent[]; more: boolean }>;
  /** The newest event; undefined when nobody wrote to the stream. */
  head(at: StreamRef): Promise<StoredEvent | undefined>;
  /**
   * Retention: forgets every event before the one of the cursor, and their ids. The cursor's own event stays, so a
   * stream always keeps its head and its numbers never start again. Works from the oldest on: when it fails midway,
   * repeat it. `cursor_invalid` for a cursor that is forgotten already or was never given out.
   */
  trim(at: StreamRef, options: { before: string }): Promise<void>;
}
