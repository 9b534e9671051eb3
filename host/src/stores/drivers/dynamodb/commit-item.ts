import type { StoredEvent, StreamRef } from '../../event-spine.ts';
import { fromJsonText } from '../json-text.ts';
import type { StreamCursors } from '../stream-cursor.ts';
import type { ItemKey, ItemQuery } from './dynamo-table.ts';

/** One event as it lies in a commit item. Its number is that of the commit plus its place. */
export interface CommitEvent {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly json: string;
  /** Whether the writer gave the id, so that there is a claim for it. */
  readonly claimed: boolean;
}

/** What one conditional create brings into a stream: events that become visible together. */
export interface Commit {
  /** Number of the first event; also the place of the commit in the stream. */
  readonly first: number;
  readonly events: readonly CommitEvent[];
  /** Tells this commit from another at the same place. */
  readonly token: string;
  /** Milliseconds since 1970 by the clock of the writing host, whatever time its events carry. */
  readonly writtenAt: number;
}

interface CommitItem extends Omit<Commit, 'first'> {
  readonly sk: string;
}

const DIGITS = 15;
const FIRST_SK = 'c|';
const LAST_SK = 'c|~';

/** `<tenant>|s|<stream>` and `c|<number of the first event>`; numbers are padded, so that text order is their order. */
export function commitKey(at: StreamRef, first: number): ItemKey {
  const sk = `${FIRST_SK}${String(first).padStart(DIGITS, '0')}`;
  return { pk: `${at.tenantId}|s|${at.stream}`, sk, tenant: at.tenantId };
}

export function toCommit({ sk, events, token, writtenAt }: CommitItem): Commit {
  return { first: Number(sk.slice(FIRST_SK.length)), events, token, writtenAt };
}

export function lastSeq({ first, events }: Pick<Commit, 'first' | 'events'>): number {
  return first + events.length - 1;
}

/** The commits of a stream whose first event has a number from `from` to `to`. */
export function commitRange(at: StreamRef, { from, to }: { from?: number; to?: number }): ItemQuery {
  const { pk, tenant } = commitKey(at, 0);
  const first = from === undefined ? FIRST_SK : commitKey(at, from).sk;
  return { pk, tenant, between: [first, to === undefined ? LAST_SK : commitKey(at, to).sk] };
}

export function toStored(commit: Commit, seq: number, cursors: StreamCursors): StoredEvent {
  const { id, type, at, json } = commit.events[seq - commit.first]!;
  return { cursor: cursors.toCursor(seq), seq, eventId: id, type, at, data: fromJsonText(json, `event ${seq}`) };
}
