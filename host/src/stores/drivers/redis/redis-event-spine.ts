import { randomUUID } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import type { EngineCaps, SpineCaps } from '../../engine-caps.ts';
import type {
  AppendEntry,
  AppendOptions,
  Appended,
  EventSpine,
  NewEvent,
  StoredEvent,
  StreamRef,
} from '../../event-spine.ts';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import { fromJsonText, toJsonText } from '../json-text.ts';
import { perStream } from '../per-stream.ts';
import { cursorForgotten, streamCursors, type StreamCursors } from '../stream-cursor.ts';
import { AppendTurn } from './append-turn.ts';
import { readPage, type Row } from './read-page.ts';
import { REDIS_JSON, REDIS_LIMITS } from './redis-caps.ts';
import type { RedisEngine } from './redis-engine.ts';
import { APPEND, TRIM } from './redis-scripts.ts';

export interface RedisClock {
  /** Milliseconds since 1970; default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Event streams in Redis. A script numbers and writes events while nobody else can, also those of several streams.
 * Calls that are made together travel together: the client pipelines them. Hints come from a bus beside it.
 */
export class RedisEventSpine implements EventSpine {
  readonly caps: SpineCaps;
  readonly limits = REDIS_LIMITS;
  readonly #engine: RedisEngine;
  readonly #now: () => number;
  /** The three keys of a stream carry one hash tag. */
  readonly #names = perStream(({ tenantId, stream }) => {
    const name = (part: string): string => `${this.#engine.prefix}:${part}:{${tenantId}/${stream}}`;
    return { events: name('events'), head: name('head'), ids: name('ids') };
  });
  readonly #turn = new AppendTurn<JsonEntry>((entries) => this.#append(entries));

  constructor(engine: RedisEngine, caps: EngineCaps, { now = Date.now }: RedisClock = {}) {
    this.#engine = engine;
    this.caps = { ...caps, atomicAppend: true, pushTail: true };
    this.#now = now;
  }

  async append(at: StreamRef, event: NewEvent, { expect, time }: AppendOptions = {}): Promise<Appended> {
    const json = toJson(at, event);
    const entry = { at, event, expect, time, json };
    if (expect === undefined) return this.#turn.add(entry, Buffer.byteLength(json));
    const [appended] = await this.#append([entry]);
    return appended!;
  }

  async appendAll(entries: readonly AppendEntry[]): Promise<readonly Appended[]> {
    if (entries.length === 0) return [];
    return this.#append(entries.map((entry) => ({ ...entry, json: toJson(entry.at, entry.event) })));
  }

  async #append(entries: readonly JsonEntry[]): Promise<readonly Appended[]> {
    const time = new Date(this.#now()).toISOString();
    const names: string[] = [];
    const numbers = new Map<string, number>();
    const args: string[] = [];
    for (const entry of entries) {
      const { events, head, ids } = this.#names(entry.at);
      const number = numbers.get(events) ?? names.push(events, head, ids) / 3;
      numbers.set(events, number);
      args.push(`${number}`, ...toArguments(entry, time));
    }
    const answer = (await this.#engine.run('append events', APPEND, names, args)) as number[];
    if (answer[0]! < 0) {
      const { stream } = entries[-answer[0]! - 1]!.at;
      throw new StoreError('conflict', `Stream ${stream} has another head than expected: read it again and decide.`);
    }
    return entries.map(({ at }, i) => {
      const seq = answer[2 * i]!;
      return { cursor: streamCursors(at).toCursor(seq), seq, duplicate: answer[2 * i + 1] === 1 };
    });
  }

  async read(
    at: StreamRef,
    query: { after?: string; limit?: number } = {},
  ): Promise<{ events: readonly StoredEvent[]; more: boolean }> {
    const { after, limit = DEFAULT_PAGE } = query;
    const cursors = streamCursors(at);
    const start = after === undefined ? 0 : cursors.toSeq(after);
    const doing = `read stream ${at.stream}`;
    for (;;) {
      const { rows, more, kept } = await this.#engine.call(doing, 'read', (client) =>
        readPage(client, this.#names(at).events, { start, limit }),
      );
      if (kept) return { events: rows.map((row) => toStored(at, row, cursors)), more };
      // From the start, a trim was quicker: what is oldest now comes with another look.
      if (start > 0) throw cursorForgotten(at);
    }
  }

  async head(at: StreamRef): Promise<StoredEvent | undefined> {
    const { events } = this.#names(at);
    const [newest] = await this.#engine.call(`read stream ${at.stream}`, 'read', (client) =>
      client.sendCommand<Row[]>(['XREVRANGE', events, '+', '-', 'COUNT', '1']),
    );
    return newest && toStored(at, newest, streamCursors(at));
  }

  async trim(at: StreamRef, { before }: { before: string }): Promise<void> {
    const { events, ids } = this.#names(at);
    const seq = streamCursors(at).toSeq(before);
    for (let forgot = 1; forgot > 0;) {
      forgot = (await this.#engine.run(`trim stream ${at.stream}`, TRIM, [events, ids], [`${seq}`])) as number;
      if (forgot < 0) throw cursorForgotten(at);
    }
  }
}

/** As text from the moment of the call on: the caller may change its object right after it. */
interface JsonEntry extends AppendEntry {
  readonly json: string;
}

function toJson(at: StreamRef, { data }: NewEvent): string {
  return toJsonText(data, `an event of stream ${at.stream}`, REDIS_JSON);
}

function toArguments({ at, event, expect, time, json }: JsonEntry, now: string): string[] {
  const expected = expect === undefined ? (event.eventId === undefined ? 'any-new' : 'any') : toExpected(at, expect);
  return [event.eventId ?? randomUUID(), event.type, time ?? now, json, expected];
}

function toExpected(at: StreamRef, expect: string | null): string {
  if (expect === null) return '0';
  try {
    return `${streamCursors(at).toSeq(expect)}`;
  } catch {
    return '-1';
  }
}

function toStored(stream: StreamRef, [id, fields]: Row, { toCursor }: StreamCursors): StoredEvent {
  const seq = parseInt(id, 10);
  const [, eventId, , type, , at, , json] = fields as [string, string, string, string, string, string, string, string];
  const data = fromJsonText<Json>(json, `event ${seq} of stream ${stream.stream}`);
  return { cursor: toCursor(seq), seq, eventId, type, at, data };
}
