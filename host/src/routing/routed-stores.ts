import type { Json } from '@northstar/sdk';
import type { AppendEntry, EventSpine, StreamRef } from '../stores/event-spine.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import { readMany } from '../stores/read-many.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';
import type { EngineTarget } from './engine.ts';
import type { EnginePool } from './engine-pool.ts';
import { redactConfig } from './redact-route.ts';
import { isResourceKind, type ResourceKind } from './resource-kinds.ts';
import type { RoutingFacts } from './route.ts';
import { FILESYSTEM } from './backends/filesystem.ts';
import { EMBEDDED, type EngineOf } from '../spine/audit-checkpoint.ts';
import { sha256OfJson } from '../spine/digest.ts';
import type { Resolved, Router } from './router.ts';

/** The stores that the rest of the host uses: each call goes to the engine that is routed at that moment. */
export interface RoutedStores {
  readonly tabular: TabularStore;
  readonly spine: EventSpine;
  readonly objects: ObjectStore;
  /** Differs between two engines, and is the same for one across restarts; not a secret. */
  readonly engineOf: EngineOf;
}

export interface RoutedStoresParts {
  readonly router: Router;
  readonly pool: EnginePool;
  /** Answers for caps and limits, which are asked without an audience. */
  readonly embedded: Omit<RoutedStores, 'engineOf'>;
}

export function routedStores({ router, pool, embedded }: RoutedStoresParts): RoutedStores {
  const records = (at: Partition) => router.tabular(kindOf(at, 'tabular_store'), factsOf(at));
  const bytes = (at: Partition) => router.objects(kindOf(at, 'object_store'), factsOf(at));
  const events = async (at: StreamRef) => router.spine('event_spine', factsOf(at));
  return {
    engineOf: (at) => engineName(router.resolve('event_spine', factsOf(at)), pool),
    tabular: {
      caps: embedded.tabular.caps,
      limits: embedded.tabular.limits,
      get: async (at, key) => {
        const store = records(at);
        return (store instanceof Promise ? await store : store).get(at, key);
      },
      getMany: async (at, keys) => {
        const store = records(at);
        return readMany(store instanceof Promise ? await store : store, at, keys);
      },
      put: async (at, key, value, condition) => (await records(at)).put(at, key, value, condition),
      delete: async (at, key, condition) => (await records(at)).delete(at, key, condition),
      list: async (at, query) => (await records(at)).list(at, query),
    },
    objects: {
      caps: embedded.objects.caps,
      limits: embedded.objects.limits,
      put: async (at, key, body, options) => (await bytes(at)).put(at, key, body, options),
      stat: async (at, key) => (await bytes(at)).stat(at, key),
      get: async (at, key, options) => (await bytes(at)).get(at, key, options),
      delete: async (at, key) => (await bytes(at)).delete(at, key),
      list: async (at, query) => (await bytes(at)).list(at, query),
    },
    spine: {
      caps: embedded.spine.caps,
      limits: embedded.spine.limits,
      append: async (at, event, options) => (await events(at)).append(at, event, options),
      appendAll: (entries) => appendAll(entries, events),
      read: async (at, query) => (await events(at)).read(at, query),
      head: async (at) => (await events(at)).head(at),
      trim: async (at, options) => (await events(at)).trim(at, options),
    },
  };
}

/** By target, which never changes: a name is asked for with every decision. */
const engineNames = new WeakMap<EngineTarget, string>();

/** Settings that say who the host is, not where its data is. */
const IDENTITY = ['credentials', 'keyFilename'];

/** Made from the settings without their secrets: a password that changes moves nothing, and must not be guessed from it. */
function engineName(resolved: Resolved | undefined, pool: EnginePool): string {
  if (resolved === undefined || resolved.target.backend === FILESYSTEM) return EMBEDDED;
  const { target } = resolved;
  const known = engineNames.get(target);
  if (known !== undefined) return known;
  const secrets = [...pool.backend(target.backend).secrets, ...IDENTITY];
  const shown = redactConfig(target.config as Json, secrets);
  const name = `${target.backend}/${sha256OfJson(shown).slice(0, 16)}`;
  engineNames.set(target, name);
  return name;
}

/** Entries of one call belong to one tenant and request, so one engine serves them all. */
async function appendAll(entries: readonly AppendEntry[], events: (at: StreamRef) => Promise<EventSpine>) {
  const [first] = entries;
  if (first === undefined) return [];
  const spines = await Promise.all(entries.map(({ at }) => events(at)));
  if (spines.some((spine) => spine !== spines[0]))
    throw new Error('appendAll cannot span engines: its streams are routed apart');
  return (spines[0] as EventSpine).appendAll(entries);
}

/** The resource kind behind a partition: its own name where that is one, else what a muscle's capability stands for. */
function kindOf({ kind }: Partition, fallback: ResourceKind): ResourceKind {
  return isResourceKind(kind) ? kind : fallback;
}

function factsOf({ tenantId, mode, projectId }: Partition | StreamRef): RoutingFacts {
  return { tenantId, mode, projectId };
}
