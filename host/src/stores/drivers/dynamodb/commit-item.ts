import type { Json } from '@northstar/sdk';
import type { StoredEvent, StreamRef } from '../../event-spine.ts';
import { fromJsonText } from '../json-text.ts';
import type { CommitCursors, Place } from './commit-cursor.ts';
import type { ItemKey, ItemQuery } from './dynamo-table.ts';

/** One event of a commit. Its number is that of the commit plus its place. */
export interface CommitEvent {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  /** The writer gave the id, so that there is a claim for it. */
  readonly claimed?: true;
  readonly data: Json;
}

/** An event to write. */
export interface NewCommitEvent {
  readonly id: string;
  readonly at: string;
  /** A `CommitEvent` as JSON. */
  readonly text: string;
}

/** The newest commit, as far as an append needs it. */
export interface Head {
  /** Number of the newest event; 0 when there is none. */
  readonly seq: number;
  /** Number of the first event of its commit. */
  readonly first: number;
  /** Its time; '' when there is none. */
  readonly at: string;
}

/** What one conditional create brings into a stream: events that become visible together. */
export interface Commit {
  /** Number of the first event; also the place of the commit in the stream. */
  readonly first: number;
  /** Events. */
  readonly count: number;
  /** Time of the newest event. */
  readonly lastAt: string;
  /** The events, an array of `CommitEvent`: one text, which the client turns to and fro faster than a map for each. */
  readonly json: string;
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

export function toCommit({ sk, count, lastAt, json, token, writtenAt }: CommitItem): Commit {
  return { first: Number(sk.slice(FIRST_SK.length)), count, lastAt, json, token, writtenAt };
}

/** Attributes that `toHead` needs. */
export const HEAD_ATTRIBUTES = ['sk', 'count', 'lastAt'] as const;

export function toHead({ sk, count, lastAt }: Pick<CommitItem, (typeof HEAD_ATTRIBUTES)[number]>): Head {
  const first = Number(sk.slice(FIRST_SK.length));
  return { seq: lastSeq({ first, count }), first, at: lastAt };
}

export function lastSeq({ first, count }: Pick<Commit, 'first' | 'count'>): number {
  return first + count - 1;
}

export function eventsOf({ first, json }: Commit): readonly CommitEvent[] {
  return fromJsonText<never>(json, `event ${first}`);
}

/** The commits of a stream whose first event has a number from `from` to `to`. */
export function commitRange(at: StreamRef, { from, to }: { from?: number; to?: number }): ItemQuery {
  const { pk, tenant } = commitKey(at, 0);
  const first = from === undefined ? FIRST_SK : commitKey(at, from).sk;
  return { pk, tenant, between: [first, to === undefined ? LAST_SK : commitKey(at, to).sk] };
}

export function toStored(
  { id, type, at, data }: CommitEvent,
  { seq, first }: Place,
  { toCursor }: CommitCursors,
): StoredEvent {
  return { cursor: toCursor(seq, first), seq, eventId: id, type, at, data };
}
