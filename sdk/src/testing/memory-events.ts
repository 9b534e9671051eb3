import { randomUUID } from 'node:crypto';
import type { EventCapability, SpineEvent } from '../contract/capabilities.ts';
import type { Json } from '../contract/json.ts';
import { encodedKey, MemoryStoreError, pageLimit } from './memory-store-error.ts';

/** Streams in memory that behave as the host's: in order, one event for each id, cursors of their own. */
export class MemoryEvents implements EventCapability {
  readonly #streams = new Map<string, SpineEvent[]>();

  async append(
    stream: string,
    { type, data, eventId = randomUUID() }: { type: string; data: Json; eventId?: string },
  ): Promise<{ cursor: string; seq: number }> {
    const encoded = encodedKey(stream);
    const events = this.#streams.get(encoded) ?? [];
    const known = events.find((event) => event.eventId === eventId);
    if (known) return { cursor: known.cursor, seq: known.seq };
    const seq = events.length + 1;
    const event = { cursor: `${encoded}#${seq}`, seq, eventId, type, at: new Date().toISOString() };
    this.#streams.set(encoded, [...events, { ...event, data: JSON.parse(JSON.stringify(data)) as Json }]);
    return { cursor: event.cursor, seq };
  }

  async read(
    stream: string,
    { after, limit }: { after?: string; limit?: number } = {},
  ): Promise<{ events: readonly SpineEvent[]; more: boolean }> {
    const size = pageLimit(limit);
    const events = this.#streams.get(encodedKey(stream)) ?? [];
    const start = after === undefined ? 0 : events.findIndex(({ cursor }) => cursor === after) + 1;
    if (after !== undefined && start === 0)
      throw new MemoryStoreError('cursor_invalid', 'This stream did not give the cursor out.');
    const page = events.slice(start, start + size);
    return { events: page, more: events.length > start + size };
  }
}
