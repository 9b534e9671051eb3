import { randomBytes } from 'node:crypto';
import type { Json, JsonObject } from '@northstar/sdk';
import { SYSTEM_TENANT } from '../../identity/request-context.ts';
import type { EventSpine } from '../../stores/event-spine.ts';
import { StoreError } from '../../stores/store-error.ts';
import type { Partition, TabularStore } from '../../stores/tabular-store.ts';
import type { Audience } from '../capability-factory.ts';

export type JobState = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'interrupted';

/** What is kept of a job in its tenant's store, and what its status answers. */
export interface JobRecord {
  readonly job_id: string;
  /** The scope that started it. */
  readonly scope: string;
  readonly state: JobState;
  readonly started_at: string;
  readonly updated_at: string;
  readonly progress?: JsonObject;
  /** What a succeeded job answered. */
  readonly result?: Json;
  /** Why another one ended: the `error` of an envelope. */
  readonly error?: JsonObject;
}

/** Milliseconds that the record of a job is kept at least. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
/** Old records that go when a job starts: more than one, so that they become fewer. */
const REMOVED_A_START = 20;
const ATTEMPTS = 8;
/** Jobs that a host has under way, with the host's own records: who starts next finds what a crash left. */
const RUNNING: Partition = { tenantId: SYSTEM_TENANT, kind: 'running_jobs' };

/** Jobs as records of their tenant, each change also an event on the stream `jobs/<job_id>`. */
export class JobStore {
  readonly #stores: { readonly tabular: TabularStore; readonly spine: EventSpine };

  constructor(stores: { readonly tabular: TabularStore; readonly spine: EventSpine }) {
    this.#stores = stores;
  }

  async create(audience: Audience, scope: string, host: string): Promise<JobRecord> {
    const at = partition(audience);
    const now = new Date();
    // Led by the time, so that the oldest come first in a list.
    const id = `job_${now.getTime().toString(36)}_${randomBytes(12).toString('hex')}`;
    const time = now.toISOString();
    const record: JobRecord = { job_id: id, scope, state: 'running', started_at: time, updated_at: time };
    await this.#removeOld(at, now.getTime());
    const { tenantId, mode, projectId } = audience;
    await this.#stores.tabular.put(RUNNING, id, { host, tenant_id: tenantId, mode, project_id: projectId });
    await this.#stores.tabular.put(at, id, { ...record }, { ifVersion: 'absent' });
    await this.#tell(audience, record);
    return record;
  }

  async get(audience: Audience, id: string): Promise<JobRecord | undefined> {
    return (await this.#stores.tabular.get(partition(audience), id))?.value as unknown as JobRecord | undefined;
  }

  /** Changes a job that still runs; one that has ended stays as it is. Gives what is stored then. */
  async update(audience: Audience, id: string, change: Partial<JobRecord>): Promise<JobRecord | undefined> {
    const at = partition(audience);
    for (let attempt = 1; ; attempt++) {
      const found = await this.#stores.tabular.get(at, id);
      const record = found?.value as unknown as JobRecord | undefined;
      if (found === undefined || record === undefined || record.state !== 'running') return record;
      const changed: JobRecord = { ...record, ...change, updated_at: new Date().toISOString() };
      try {
        await this.#stores.tabular.put(at, id, changed as unknown as Json, { ifVersion: found.version });
      } catch (error) {
        if (error instanceof StoreError && error.code === 'conflict' && attempt < ATTEMPTS) continue;
        throw error;
      }
      if (changed.state !== 'running') {
        await this.#tell(audience, changed);
        await this.#stores.tabular.delete(RUNNING, id);
      }
      return changed;
    }
  }

  /** Jobs that are noted as under way, on this host or another. */
  async running(): Promise<{ id: string; host: string; audience: Audience }[]> {
    const page = await this.#stores.tabular.list(RUNNING, { limit: 1000 });
    return page.items.map(({ key, value }) => {
      const { host, tenant_id, mode, project_id } = value as Record<string, string>;
      return { id: key, host: host ?? '', audience: { tenantId: tenant_id, mode, projectId: project_id } as Audience };
    });
  }

  /** Where a job is under way; undefined for one that has ended. */
  async hostOf(id: string): Promise<string | undefined> {
    const note = await this.#stores.tabular.get(RUNNING, id);
    return (note?.value as { host?: string } | undefined)?.host;
  }

  async forget(id: string): Promise<void> {
    await this.#stores.tabular.delete(RUNNING, id);
  }

  async #tell({ tenantId, mode, projectId }: Audience, record: JobRecord): Promise<void> {
    const { job_id: id, scope, state } = record;
    const event = { type: 'JOB', data: { job_id: id, scope, state }, eventId: `${id}-${state}` };
    await this.#stores.spine.append({ tenantId, mode, projectId, stream: `jobs/${id}` }, event);
  }

  async #removeOld(at: Partition, now: number): Promise<void> {
    const oldest = await this.#stores.tabular.list(at, { limit: REMOVED_A_START });
    for (const { key, value } of oldest.items) {
      const { state, updated_at } = value as unknown as JobRecord;
      if (state !== 'running' && Date.parse(updated_at) < now - KEPT_MS) await this.#stores.tabular.delete(at, key);
    }
  }
}

function partition({ tenantId, mode, projectId }: Audience): Partition {
  return { tenantId, kind: 'muscle_jobs', mode, projectId };
}
