import type { AppendEntry, AppendOptions, EventSpine, NewEvent, StoredEvent, StreamRef } from './event-spine.ts';
import { assertText, decodeKey, encodeKey, encodePartition, encodePrefix, encodeStream } from './key-codec.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';
import { pageLimit } from './page-limit.ts';
import { readMany } from './read-many.ts';
import type { TabularStore } from './tabular-store.ts';

/** The store that the host uses: the driver below sees checked tenants, ASCII keys and a limit that is always set. */
export function tabularWithKeyCodec(driver: TabularStore): TabularStore {
  return {
    caps: driver.caps,
    limits: driver.limits,
    async get(at, key) {
      const record = await driver.get(encodePartition(at), encodeKey(key));
      // The driver knows the record's type no better than the caller does: T is the caller's word for it.
      return record && { key, value: record.value as never, version: record.version };
    },
    async getMany(at, keys) {
      const records = await readMany(
        driver,
        encodePartition(at),
        keys.map((key) => encodeKey(key)),
      );
      return records.map((record, index) => record && { ...record, key: keys[index]! });
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
  const named = (event: StoredEvent): StoredEvent => {
    const eventId = decodeKey(event.eventId);
    return eventId === event.eventId ? event : { ...event, eventId };
  };
  return {
    caps: driver.caps,
    limits: driver.limits,
    // Neither async nor with a spread: each costs a tenth of what an append costs, where many share a commit.
    append(at, event, options) {
      try {
        const encoded = encodeEntry(at, event, options);
        return driver.append(encoded.at, encoded.event, encoded);
      } catch (error) {
        return Promise.reject(error as Error);
      }
    },
    async appendAll(entries) {
      return driver.appendAll(entries.map((entry) => encodeEntry(entry.at, entry.event, entry)));
    },
    async read(at, query = {}) {
      const limit = pageLimit(query.limit);
      const { events, more } = await driver.read(encodeStream(at), { after: query.after, limit });
      return { events: events.map(named), more };
    },
    async head(at) {
      const event = await driver.head(encodeStream(at));
      return event && named(event);
    },
    async trim(at, { before }) {
      return driver.trim(encodeStream(at), { before });
    },
  };
}

export function objectsWithKeyCodec(driver: ObjectStore): ObjectStore {
  const named = (info: ObjectInfo, key: string): ObjectInfo => ({ ...info, key });
  return {
    caps: driver.caps,
    limits: driver.limits,
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
    async list(at, query = {}) {
      const { prefix = '', cursor } = query;
      const limit = pageLimit(query.limit);
      const page = await driver.list(encodePartition(at), { prefix: encodePrefix(prefix), limit, cursor });
      return { ...page, items: page.items.map((item) => named(item, decodeKey(item.key))) };
    },
  };
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** An id is encoded like a key: two ids that an engine folds into one would make it drop an event as a duplicate. */
function encodeEntry(at: StreamRef, event: NewEvent, { expect, time }: AppendOptions = {}): AppendEntry {
  const { type, data, eventId } = event;
  assertText(type, 'event type');
  // Engines compare times as text.
  if (time !== undefined && !ISO_TIME.test(time))
    throw new RangeError(`The event time ${time} is not like 2030-01-31T12:00:00.000Z.`);
  return {
    at: encodeStream(at),
    event: { type, data, eventId: eventId === undefined ? undefined : encodeKey(eventId, 'event id') },
    expect,
    time,
  };
}
