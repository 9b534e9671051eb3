import type { Json } from '@northstar/sdk';

export interface StreamRef {
  readonly tenantId: string;
  readonly stream: string;
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

/** Append-only, replayable log: strictly ordered per stream, durable before an append answers. */
export interface EventSpine {
  append(at: StreamRef, event: NewEvent): Promise<Appended>;
  /** All of them or none, in one commit; streams may differ. */
  appendAll(entries: readonly { at: StreamRef; event: NewEvent }[]): Promise<readonly Appended[]>;
  /**
   * Events after `after` (from the start when absent). `limit` 1 to 1000, default 100; fewer come when they are large:
   * `more` says whether to go on. `cursor_invalid` when this stream did not give the cursor out.
   */
  read(
    at: StreamRef,
    query?: { after?: string; limit?: number },
  ): Promise<{ events: readonly StoredEvent[]; more: boolean }>;
}
