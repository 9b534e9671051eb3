import type { Capability, EventCapability, Json, ObjectCapability, TabularCapability } from '@northstar/sdk';
import type { RequestContext } from '../identity/request-context.ts';
import type { EventSpine } from '../stores/event-spine.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';

/** Whose data, and what routing looks at. */
export type Audience = Pick<RequestContext, 'tenantId' | 'mode' | 'projectId'>;

export interface CapabilityStores {
  readonly tabular: TabularStore;
  readonly objects: ObjectStore;
  readonly spine: EventSpine;
}

/** Hands a muscle its own corner of the stores: tenant and muscle are fixed here, so no key can reach another's. */
export class CapabilityFactory {
  readonly #stores: CapabilityStores;

  constructor(stores: CapabilityStores) {
    this.#stores = stores;
  }

  grant(audience: Audience, muscleId: string, requires: readonly Capability[]): object {
    const { tenantId, mode, projectId } = audience;
    const at: Partition = { tenantId, kind: `muscle:${muscleId}`, mode, projectId };
    const granted: { tabular?: TabularCapability; objects?: ObjectCapability; events?: EventCapability } = {};
    if (requires.includes('tabular_store')) granted.tabular = tabularOf(this.#stores.tabular, at);
    if (requires.includes('object_store')) granted.objects = objectsOf(this.#stores.objects, at);
    if (requires.includes('event_spine')) granted.events = eventsOf(this.#stores.spine, at);
    return granted;
  }
}

function tabularOf(store: TabularStore, at: Partition): TabularCapability {
  return Object.freeze<TabularCapability>({
    get: (key) => store.get(at, key),
    put: (key, value, condition) => store.put(at, key, value, condition),
    delete: (key, condition) => store.delete(at, key, condition),
    list: <T extends Json = Json>(query?: { prefix?: string; limit?: number; cursor?: string }) =>
      store.list<T>(at, query),
  });
}

function objectsOf(store: ObjectStore, at: Partition): ObjectCapability {
  return Object.freeze<ObjectCapability>({
    put: (key, body, options) => store.put(at, key, body, options),
    stat: (key) => store.stat(at, key),
    get: (key, options) => store.get(at, key, options),
    delete: (key) => store.delete(at, key),
  });
}

function eventsOf(store: EventSpine, at: Partition): EventCapability {
  const { kind, ...audience } = at;
  const ref = (stream: string) => ({ ...audience, stream: `${kind}/${stream}` });
  return Object.freeze<EventCapability>({
    append: async (stream, event) => {
      const { cursor, seq } = await store.append(ref(stream), event);
      return { cursor, seq };
    },
    read: (stream, query) => store.read(ref(stream), query),
  });
}
