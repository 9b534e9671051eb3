import type { EventSpine, NewEvent, StreamRef } from './event-spine.ts';
import { assertText, decodeKey, encodeKey, encodePartition, encodePrefix, encodeStream } from './key-codec.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';
import { pageLimit } from './page-limit.ts';
import type { TabularStore } from './tabular-store.ts';

/** The store that the host uses: the driver below sees checked tenants, ASCII keys and a limit that is always set. */
export function tabularWithKeyCodec(driver: TabularStore): TabularStore {
  return {
    async get(at, key) {
      const record = await driver.get(encodePartition(at), encodeKey(key));
      // The driver knows the record's type no better than the caller does: T is the caller's word for it.
      return record && { ...record, key, value: record.value as never };
    },
    async put(at, key, value, condition) {
      return driver.put(encodePartition(at), encodeKey(key), value, condition);
    },
    async delete(at, key, condition) {
      return driver.delete(encodePartition(at), encodeKey(key), condition);
    },
    async list(at, query = {}) {
      const { prefix = '', cursor } = query;
      const limit = pageLimit(query.limit);
      const page = await driver.list(encodePartition(at), { prefix: encodePrefix(prefix), limit, cursor });
      return {
        ...page,
        items: page.items.map((item) => ({ ...item, key: decodeKey(item.key), value: item.value as never })),
      };
    },
  };
}

export function spineWithKeyCodec(driver: EventSpine): EventSpine {
  return {
    async append(at, event) {
      return driver.append(encodeStream(at), encodeEvent(event));
    },
    async appendAll(entries) {
      return driver.appendAll(entries.map(({ at, event }) => ({ at: encodeStream(at), event: encodeEvent(event) })));
    },
    async read(at: StreamRef, query = {}) {
      const limit = pageLimit(query.limit);
      const { events, more } = await driver.read(encodeStream(at), { after: query.after, limit });
      return { events: events.map((event) => ({ ...event, eventId: decodeKey(event.eventId) })), more };
    },
  };
}

export function objectsWithKeyCodec(driver: ObjectStore): ObjectStore {
  const named = (info: ObjectInfo, key: string): ObjectInfo => ({ ...info, key });
  return {
    async put(at, key, body, options) {
      return named(await driver.put(encodePartition(at), encodeKey(key), body, options), key);
    },
    async stat(at, key) {
      const info = await driver.stat(encodePartition(at), encodeKey(key));
      return info && named(info, key);
    },
    async get(at, key, options) {
      const found = await driver.get(encodePartition(at), encodeKey(key), options);
      return found && { ...found, info: named(found.info, key) };
    },
    async delete(at, key) {
      return driver.delete(encodePartition(at), encodeKey(key));
    },
  };
}

/** An id is encoded like a key: two ids that an engine folds into one would make it drop an event as a duplicate. */
function encodeEvent({ type, data, eventId }: NewEvent): NewEvent {
  assertText(type, 'event type');
  return { type, data, eventId: eventId === undefined ? undefined : encodeKey(eventId, 'event id') };
}
