import type { Json, JsonObject } from '@northstar/sdk';
import { SYSTEM_TENANT } from '../../identity/request-context.ts';
import { StoreError } from '../../stores/store-error.ts';
import type { Partition, TabularStore } from '../../stores/tabular-store.ts';

/** What another host needs to go on with a session: who owns it, and what its client said so far. */
export interface SharedSession {
  readonly owner: string;
  readonly caller: string;
  readonly tenant_id: string;
  /** Parameters of the client's `initialize`. */
  readonly initialize: JsonObject;
  /** URIs of the resources that the client wants to hear about. */
  readonly watched: readonly string[];
  readonly log_level?: string;
  /** Milliseconds since the epoch, to the minute or so. */
  readonly used_at: number;
}

const AT: Partition = { tenantId: SYSTEM_TENANT, kind: 'session_store' };
const PREFIX = 'sessions/';
const keyOf = (id: string): string => PREFIX + id;
/** Lost races before a change gives up; each one is another host's change. */
const ATTEMPTS = 10;

/** Sessions as records of the control store, so that any host can serve a client that began on another one. */
export class SessionDirectory {
  readonly #records: TabularStore;
  readonly #idleMs: number;
  readonly #touched = new Map<string, number>();

  constructor(records: TabularStore, idleMs: number) {
    this.#records = records;
    this.#idleMs = idleMs;
  }

  async add(id: string, session: Omit<SharedSession, 'watched' | 'used_at'>): Promise<void> {
    const record: SharedSession = { ...session, watched: [], used_at: Date.now() };
    await this.#records.put(AT, keyOf(id), record as unknown as JsonObject, { ifVersion: 'absent' });
  }

  /** The session, when it is not idle for too long. */
  async get(id: string): Promise<SharedSession | undefined> {
    // Ids of this host's making; anything else cannot be a key, and need not be looked for.
    if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
    const record = await this.#records.get(AT, keyOf(id));
    const session = record?.value as unknown as SharedSession | undefined;
    return session && Date.now() - session.used_at < this.#idleMs ? session : undefined;
  }

  async update(id: string, change: Partial<Pick<SharedSession, 'watched' | 'log_level' | 'used_at'>>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const record = await this.#records.get(AT, keyOf(id));
      if (record === undefined) return;
      try {
        const value = { ...(record.value as JsonObject), ...(change as JsonObject) };
        await this.#records.put(AT, keyOf(id), value, { ifVersion: record.version });
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof StoreError && error.code === 'conflict')) throw error;
      }
    }
  }

  /** Notes that the session is in use; seldom enough that calls do not pay for it. */
  async touch(id: string): Promise<void> {
    const now = Date.now();
    if (now - (this.#touched.get(id) ?? 0) < Math.min(60_000, this.#idleMs / 4)) return;
    this.#touched.set(id, now);
    await this.update(id, { used_at: now });
  }

  async remove(id: string): Promise<void> {
    this.#touched.delete(id);
    await this.#records.delete(AT, keyOf(id));
  }

  /** Removes what no host has used for too long. Most clients never say goodbye. */
  async sweep(): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#records.list<Json>(AT, { prefix: PREFIX, limit: 1000, ...(cursor && { cursor }) });
      for (const { key, value, version } of page.items) {
        if (Date.now() - (value as unknown as SharedSession).used_at < this.#idleMs) continue;
        // Used in this very moment by another host: then it stays.
        await this.#records.delete(AT, key, { ifVersion: version }).catch(() => undefined);
        this.#touched.delete(key.slice(PREFIX.length));
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
}
