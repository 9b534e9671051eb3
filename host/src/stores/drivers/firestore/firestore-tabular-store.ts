import type { DocumentSnapshot } from '@google-cloud/firestore';
import type { Json } from '@northstar/sdk';
import { randomUUID } from 'node:crypto';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import type { Condition, ListQuery, Partition, TabularPage, TabularRecord, TabularStore } from '../../tabular-store.ts';
import { fromJsonText, toJsonText } from '../json-text.ts';
import { fromListCursor, toListCursor } from '../list-cursor.ts';
import type { DocumentCondition } from './document-writes.ts';
import { FIRESTORE_CAPS, FIRESTORE_JSON, FIRESTORE_LIMITS } from './firestore-caps.ts';
import { isRefusedCondition } from './firestore-error.ts';
import { fromVersion, toVersion } from './firestore-version.ts';
import type { FirestoreEngine } from './open-firestore.ts';
import { END, recordId, recordSortKey } from '../document-ids.ts';
import { takePageFrom } from '../take-page-from.ts';

interface Row {
  readonly key: string;
  readonly json: string;
  readonly version: string;
}

/**
 * Records as documents `<root>/<tenant>/records/<hash>`. Expects keys that went through the key codec.
 *
 * The version is the document's update time, in microseconds and growing also over delete and re-create.
 */
export class FirestoreTabularStore implements TabularStore {
  readonly caps = FIRESTORE_CAPS;
  readonly limits = FIRESTORE_LIMITS;
  readonly #engine: FirestoreEngine;

  constructor(engine: FirestoreEngine) {
    this.#engine = engine;
  }

  async get<T extends Json = Json>(at: Partition, key: string): Promise<TabularRecord<T> | undefined> {
    const row = toRow(await this.#snapshot(at, key));
    return row && toRecord<T>(row);
  }

  async put(at: Partition, key: string, value: Json, { ifVersion }: Condition = {}): Promise<{ version: string }> {
    const json = toJsonText(value, `record ${key}`, FIRESTORE_JSON);
    const { tenantId, kind } = at;
    // `sort` alone is indexed. Firestore keeps the update time of a document that a write does not change: `write` is
    // always another.
    const fields = { tenantId, kind, key, sort: recordSortKey(at, key), json, write: randomUUID() };
    const condition = ifVersion === undefined ? undefined : toCondition(ifVersion, at, key);
    const written = await this.#engine.writes
      .put(this.#path(at, key), fields, `write record ${key}`, condition)
      .catch((error: unknown) => {
        throw refusedBy(error) ? refused(at, key, error) : error;
      });
    return { version: toVersion(written) };
  }

  async delete(at: Partition, key: string, { ifVersion }: Condition = {}): Promise<boolean> {
    if (ifVersion === 'absent') {
      if ((await this.#snapshot(at, key)).exists) throw refused(at, key);
      return false;
    }
    const condition = ifVersion === undefined ? { exists: true } : toCondition(ifVersion, at, key);
    try {
      await this.#engine.writes.delete(this.#path(at, key), `delete record ${key}`, condition);
      return true;
    } catch (error) {
      if (!refusedBy(error)) throw error;
      if (ifVersion === undefined) return false;
      throw refused(at, key, error);
    }
  }

  async list<T extends Json = Json>(at: Partition, query: ListQuery = {}): Promise<TabularPage<T>> {
    const { prefix = '', limit = DEFAULT_PAGE, cursor } = query;
    const from = recordSortKey(at, cursor === undefined ? prefix : fromListCursor(cursor, prefix));
    const found = this.#engine.db
      .collection(this.#records(at))
      .where('sort', cursor === undefined ? '>=' : '>', from)
      .where('sort', '<', recordSortKey(at, prefix) + END)
      .orderBy('sort')
      .limit(limit + 1);
    return this.#engine.calls.run({ doing: `list records of ${at.kind}` }, async () => {
      const rows = async function* (): AsyncGenerator<Row> {
        for await (const document of found.stream()) yield toRow(document as unknown as DocumentSnapshot)!;
      };
      const page = await takePageFrom(rows(), limit, ({ json }) => json.length);
      const last = page.rows.at(-1);
      const items = page.rows.map((row) => toRecord<T>(row));
      return page.more && last ? { items, cursor: toListCursor(last.key) } : { items };
    });
  }

  #snapshot(at: Partition, key: string): Promise<DocumentSnapshot> {
    return this.#engine.calls.run({ doing: `read record ${key}` }, () =>
      this.#engine.db.doc(this.#path(at, key)).get(),
    );
  }

  #path(at: Partition, key: string): string {
    return `${this.#records(at)}/${recordId(at, key)}`;
  }

  #records({ tenantId }: Partition): string {
    return `${this.#engine.root}/${tenantId}/records`;
  }
}

/** @throws StoreError `conflict` for what was never a version. */
function toCondition(ifVersion: string, at: Partition, key: string): DocumentCondition {
  if (ifVersion === 'absent') return { exists: false };
  const updateTime = fromVersion(ifVersion);
  if (!updateTime) throw refused(at, key);
  return { updateTime };
}

function refusedBy(error: unknown): boolean {
  return error instanceof StoreError && isRefusedCondition(error.cause);
}

function refused(at: Partition, key: string, cause?: unknown): StoreError {
  const message = `Record ${key} of ${at.kind} is not at the version asked for: read it again and decide.`;
  return new StoreError('conflict', message, { cause });
}

function toRow(document: DocumentSnapshot): Row | undefined {
  if (!document.exists) return undefined;
  const { key, json } = document.data() as { key: string; json: string };
  return { key, json, version: toVersion(document.updateTime!) };
}

function toRecord<T extends Json = Json>({ key, json, version }: Row): TabularRecord<T> {
  return { key, value: fromJsonText<T>(json, `record ${key}`), version };
}
