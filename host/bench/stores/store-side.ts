import type { Json } from '@northstar/sdk';
import type { EventSpine } from '../../src/stores/event-spine.ts';
import type { ObjectStore } from '../../src/stores/object-store.ts';
import type { TabularStore } from '../../src/stores/tabular-store.ts';

/** Callers of the row that shows what sharing commits is worth. */
export const CALLERS = 64;

/** What both sides can be asked to do: our port, and the client library used by hand. */
export interface RecordSide {
  put(key: string, value: Json): Promise<unknown>;
  /** The parsed value, with the version that a compare-and-set needs. */
  get(key: string): Promise<unknown>;
  /** Creates the record; its version. */
  create(key: string, value: Json): Promise<string>;
  /** Replaces the record at this version; its new one. Anything else is an error. */
  compareAndSet(key: string, value: Json, version: string): Promise<string>;
}

export interface EventSide {
  /** Durable, numbered without a gap, with an event id: what a reader relies on. */
  append(data: Json): Promise<unknown>;
  /** As many appends as there are callers, in flight at once. */
  appendTogether(batch: readonly Json[]): Promise<unknown>;
  /** Reads the stream from its start in pages of 1000, values parsed; how many events there were. */
  replay(): Promise<number>;
}

export interface ObjectSide {
  putObject(key: string, body: Uint8Array): Promise<unknown>;
  /** Reads to the end; bytes. */
  getObject(key: string): Promise<number>;
}

export type StoreSide = Partial<RecordSide & EventSide & ObjectSide>;

/** One engine with both sides open. */
export interface Rig {
  readonly port: StoreSide;
  readonly bare: StoreSide;
  /** What the bare side does, so that a reader can judge the ratio. */
  readonly bareDoes: string;
  /** Bytes that the data of each side takes in the engine by now; absent where the engine cannot tell. */
  readonly used?: { port(): Promise<number>; bare(): Promise<number> };
  close(): Promise<void>;
}

const AT = { tenantId: 't_bench', kind: 'bench' };
export const STREAM = { tenantId: 't_bench', stream: 'bench/events' };

/** The port as the host uses it: the driver behind the key codec. */
export function portSide(stores: { tabular?: TabularStore; spine?: EventSpine; objects?: ObjectStore }): StoreSide {
  return {
    ...(stores.tabular && recordSide(stores.tabular)),
    ...(stores.spine && eventSide(stores.spine)),
    ...(stores.objects && objectSide(stores.objects)),
  };
}

function recordSide(tabular: TabularStore): RecordSide {
  return {
    put: (key, value) => tabular.put(AT, key, value),
    get: (key) => tabular.get(AT, key),
    create: async (key, value) => (await tabular.put(AT, key, value)).version,
    compareAndSet: async (key, value, version) => (await tabular.put(AT, key, value, { ifVersion: version })).version,
  };
}

function eventSide(spine: EventSpine): EventSide {
  const append = (data: Json) => spine.append(STREAM, { type: 'bench.happened', data });
  return {
    append,
    appendTogether: (batch) => Promise.all(batch.map(append)),
    async replay() {
      let found = 0;
      for (let after: string | undefined; ;) {
        const { events, more } = await spine.read(STREAM, { after, limit: 1000 });
        found += events.length;
        after = events.at(-1)?.cursor;
        if (!more) return found;
      }
    },
  };
}

function objectSide(objects: ObjectStore): ObjectSide {
  return {
    putObject: (key, body) => objects.put(AT, key, body, { mediaType: 'application/octet-stream' }),
    async getObject(key) {
      let bytes = 0;
      for await (const chunk of (await objects.get(AT, key))!.body) bytes += chunk.length;
      return bytes;
    },
  };
}
