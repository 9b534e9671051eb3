import { hash } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import type { NewEvent, StoredEvent, StreamRef } from '../../event-spine.ts';
import { fromJsonText, toJsonText } from '../json-text.ts';
import { perStream } from '../per-stream.ts';
import type { StreamCursors } from '../stream-cursor.ts';

/** What the first line of a message says about its event. */
export interface EventMeta {
  readonly id: string;
  /** The id came from the caller, who may repeat it. */
  readonly given: boolean;
  readonly type: string;
  readonly at: string;
}

/** A message as it was stored: JSON of the meta, a line feed, JSON of the data. */
export interface StoredMessage {
  readonly seq: number;
  readonly meta: EventMeta;
  readonly json: string;
}

/** @throws StoreError `too_large` */
export function toJson({ stream }: StreamRef, { data }: NewEvent, maxBytes: number): string {
  return toJsonText(data, `an event of stream ${stream}`, { maxBytes, setBy: "the NATS server's max_payload" });
}

export function toPayload(meta: EventMeta, json: string): string {
  return `${JSON.stringify(meta)}\n${json}`;
}

export function fromPayload(seq: number, payload: string): StoredMessage {
  const end = payload.indexOf('\n');
  const meta = fromJsonText<Json>(payload.slice(0, end), `event ${seq}`) as unknown as EventMeta;
  return { seq, meta, json: payload.slice(end + 1) };
}

export function toStored(at: StreamRef, message: StoredMessage, { toCursor }: StreamCursors): StoredEvent {
  const { seq, meta, json } = message;
  const data = fromJsonText<Json>(json, `event ${seq} of stream ${at.stream}`);
  return { cursor: toCursor(seq), seq, eventId: meta.id, type: meta.type, at: meta.at, data };
}

/** Subjects are limited in length and alphabet; a tenant fits, a digest stands for every other name. */
export function eventSubject(log: string, at: StreamRef): string {
  return `${log}.events.${at.tenantId}.${streamDigest(at)}`;
}

/** Where it is noted that the stream knows an event id. */
export function idSubject(log: string, at: StreamRef, eventId: string): string {
  return `${log}.ids.${at.tenantId}.${streamDigest(at)}.${digest(eventId)}`;
}

const streamDigest = perStream(({ stream }) => digest(stream));

function digest(name: string): string {
  return hash('sha256', name, 'base64url');
}
