import { randomUUID } from 'node:crypto';
import type { NewEvent, StoredEvent, StreamRef } from '../../event-spine.ts';
import { toJsonText } from '../json-text.ts';
import { eventIdHash } from '../document-ids.ts';
import { fromJsonText } from '../json-text.ts';
import { COSMOS_JSON } from './cosmos-caps.ts';

/** One event. */
export interface EventItem {
  /** The number, sixteen digits. */
  readonly id: string;
  readonly pk: string;
  readonly tenantId: string;
  readonly stream: string;
  readonly seq: number;
  readonly kept: true;
  readonly idHash: string;
  readonly eventId: string;
  readonly type: string;
  readonly time: string;
  readonly json: string;
  /** Names the call that wrote it, so that a call whose answer was lost finds its own event. */
  readonly write: string;
}

/** An event to append, its value written out when it was called. */
export interface PreparedEvent {
  readonly idHash: string;
  readonly eventId: string;
  /** The caller's own event id, which may be in the stream already. */
  readonly given: boolean;
  readonly type: string;
  readonly json: string;
}

export function preparedEvent(at: StreamRef, { eventId, type, data }: NewEvent): PreparedEvent {
  const id = eventId ?? randomUUID();
  const json = toJsonText(data, `an event of stream ${at.stream}`, COSMOS_JSON);
  return { eventId: id, idHash: eventIdHash(at, id), given: eventId !== undefined, type, json };
}

export function toStored({ seq, eventId, type, time, json }: EventItem, cursor: string): StoredEvent {
  return { cursor, seq, eventId, type, at: time, data: fromJsonText(json, `event ${seq}`) };
}
