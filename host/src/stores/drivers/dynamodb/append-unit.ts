import type { AppendEntry, AppendOptions, Appended, NewEvent, StreamRef } from '../../event-spine.ts';
import { toJsonText } from '../json-text.ts';
import { DYNAMO_JSON } from './dynamo-caps.ts';

export interface Entry extends AppendEntry {
  readonly json: string;
}

/** Entries of one call that follow each other into one stream: one commit, and in it nobody's event in between. */
export interface AppendUnit {
  readonly at: StreamRef;
  readonly entries: readonly Entry[];
  /** The cursor that must be the head, because an earlier unit of the call holds the stream. */
  readonly follows?: string;
}

/**
 * Events in one commit, and characters of their JSON. The head of a stream is read before every commit, and reading
 * costs by size: a larger commit is written only when one event alone is larger.
 */
const MAX_EVENTS = 100;
const MAX_CHARS = 64 * 1024;

/** Adds up what goes into one commit; always room for a first one. */
export class CommitRoom {
  #events = 0;
  #chars = 0;

  takes(entries: readonly Entry[]): boolean {
    const events = this.#events + entries.length;
    const chars = entries.reduce((sum, entry) => sum + weight(entry), this.#chars);
    if (this.#events > 0 && (events > MAX_EVENTS || chars > MAX_CHARS)) return false;
    this.#events = events;
    this.#chars = chars;
    return true;
  }
}

function weight({ event, json }: Entry): number {
  return json.length + event.type.length + (event.eventId?.length ?? 0) + 200;
}

/** Field by field: a spread costs more than all else here, and 64 callers at once wait for 64 of these. */
export function toEntry(at: StreamRef, event: NewEvent, { expect, time }: AppendOptions = {}): Entry {
  return { at, event, expect, time, json: toJsonText(event.data, `an event of stream ${at.stream}`, DYNAMO_JSON) };
}

/** Cuts a call where the stream changes, and where a commit is full. */
export function toUnits(entries: readonly Entry[]): AppendUnit[] {
  const units: { at: StreamRef; entries: Entry[] }[] = [];
  let room = new CommitRoom();
  for (const entry of entries) {
    const unit = units.at(-1);
    if (unit && sameStream(unit.at, entry.at) && room.takes([entry])) {
      unit.entries.push(entry);
    } else {
      room = new CommitRoom();
      room.takes([entry]);
      units.push({ at: entry.at, entries: [entry] });
    }
  }
  return units;
}

/** Appends the units of one call in order, stopping at the first failure. */
export async function appendInTurn(
  units: readonly AppendUnit[],
  append: (unit: AppendUnit) => Promise<readonly Appended[]>,
): Promise<Appended[]> {
  const all: Appended[] = [];
  const held = new Map<string, string>();
  for (const unit of units) {
    const stream = streamName(unit.at);
    const appended = await append({ ...unit, follows: held.get(stream) });
    all.push(...appended);
    if (held.has(stream) || unit.entries.some(({ expect }) => expect !== undefined)) {
      held.set(stream, appended.at(-1)!.cursor);
    }
  }
  return all;
}

/** A tenant has no `/`, so two streams never share one. */
export function streamName({ tenantId, stream }: StreamRef): string {
  return `${tenantId}/${stream}`;
}

function sameStream(a: StreamRef, b: StreamRef): boolean {
  return a.tenantId === b.tenantId && a.stream === b.stream;
}
