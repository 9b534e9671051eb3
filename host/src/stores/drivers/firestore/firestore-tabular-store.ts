import type { CollectionReference, DocumentSnapshot, Firestore, Precondition } from '@google-cloud/firestore';
import type { Json } from '@northstar/sdk';
import { randomUUID } from 'node:crypto';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import type { Condition, ListQuery, Partition, TabularPage, TabularRecord, TabularStore } from '../../tabular-store.ts';
import { fromJsonText } from '../json-text.ts';
import { fromListCursor, toListCursor } from '../list-cursor.ts';
import { FIRESTORE_CAPS, FIRESTORE_JSON, FIRESTORE_LIMITS } from './firestore-caps.ts';
import { isRefusedCondition } from './firestore-error.ts';
import { fromVersion, toVersion } from './firestore-version.ts';
import { RecentVersions } from './recent-versions.ts';
import { toJsonText } from '../json-text.ts';
import type { FirestoreEngine } from './open-firestore.ts';
import { END, recordId, recordSortKey } from '../document-ids.ts';
import { takePageFrom } from '../take-page-from.ts';

/** One document. `sort` alone is indexed and queried; `write` makes every write a change. */
interface Fields {
  readonly tenantId: string;
  readonly kind: string;
  readonly key: string;
  readonly sort: string;
  readonly json: string;
  readonly write: string;
}

interface Row {
  readonly key: string;
  readonly json: string;
  readonly version: string;
}

/** Attempts of a write without condition before it gives up against other writers of the same record. */
const ATTEMPTS = 20;

/**
 * Records as documents `<root>/<tenant>/records/<hash>`. Expects keys that went through the key codec.
 *
 * The version is the document's update time, in microseconds and growing also over delete and re-create. Every write
 * carries a condition, one without condition too: the client library repeats what it got no answer for, up to ten
 * minutes later, and must not then overwrite what others wrote meanwhile.
 */
export class FirestoreTabularStore implements TabularStore {
  readonly caps = FIRESTORE_CAPS;
  readonly limits = FIRESTORE_LIMITS;
  readonly #db: Firestore;
  readonly #engine: FirestoreEngine;
  readonly #recent = new RecentVersions();

  constructor(engine: FirestoreEngine) {
    this.#engine = engine;
    this.#db = engine.db;
  }

  async get<T extends Json = Json>(at: Partition, key: string): Promise<TabularRecord<T> | undefined> {
    const row = toRow(await this.#snapshot(at, key));
    return row && toRecord<T>(row);
  }

  async put(at: Partition, key: string, value: Json, condition?: Condition): Promise<{ version: string }> {
    const json = toJsonText(value, `record ${key}`, FIRESTORE_JSON);
    const { tenantId, kind } = at;
    // Firestore keeps the update time of a document that a write does not change: `write` is always another.
    const fields: Fields = { tenantId, kind, key, sort: recordSortKey(at, key), json, write: randomUUID() };
    const ref = this.#records(at).doc(recordId(at, key));
    return this.#conditional(at, key, condition, async (ifVersion) => {
      const written =
        ifVersion === 'absent'
          ? await ref.create(fields)
          : await ref.update({ ...fields }, this.#at(ifVersion, at, key));
      const version = toVersion(written.writeTime);
      this.#recent.set(ref.path, version);
      return { version };
    }).catch(async (error: unknown) => {
      // The write whose repetition lost against itself: the first answer was lost, the document is ours.
      if (!(error instanceof StoreError) || error.code !== 'conflict') throw error;
      const now = await this.#snapshot(at, key);
      if (now.get('write') !== fields.write) throw error;
      return { version: toVersion(now.updateTime!) };
    });
  }

  async delete(at: Partition, key: string, condition?: Condition): Promise<boolean> {
    const ref = this.#records(at).doc(recordId(at, key));
    return this.#conditional(at, key, condition, async (ifVersion) => {
      if (ifVersion !== 'absent') {
        await ref.delete(this.#at(ifVersion, at, key));
        this.#recent.delete(ref.path);
        return true;
      }
      if (condition?.ifVersion !== undefined && toRow(await ref.get())) throw refused(at, key);
      return false;
    });
  }

  async list<T extends Json = Json>(at: Partition, query: ListQuery = {}): Promise<TabularPage<T>> {
    const { prefix = '', limit = DEFAULT_PAGE, cursor } = query;
    const from = recordSortKey(at, cursor === undefined ? prefix : fromListCursor(cursor, prefix));
    const found = this.#records(at)
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

  /**
   * Writes at the version asked for or, without a condition, at the one that is there as far as is known, and then at
   * the one that is read, until no other is quicker.
   */
  async #conditional<T>(
    at: Partition,
    key: string,
    condition: Condition | undefined,
    write: (ifVersion: string) => Promise<T>,
  ): Promise<T> {
    const { ifVersion } = condition ?? {};
    const { path } = this.#records(at).doc(recordId(at, key));
    for (let attempt = 1; ; attempt++) {
      const version = ifVersion ?? this.#recent.get(path) ?? toRow(await this.#snapshot(at, key))?.version ?? 'absent';
      try {
        return await this.#engine.calls.run({ doing: `write record ${key}`, writes: true }, () =>
          write(version).catch((error: unknown) => {
            throw isRefusedCondition(error) ? refused(at, key, error) : error;
          }),
        );
      } catch (error) {
        this.#recent.delete(path);
        const lost = error instanceof StoreError && error.code === 'conflict';
        if (!lost || ifVersion !== undefined) throw error;
        if (attempt === ATTEMPTS) {
          const message = `Record ${key} of ${at.kind} is being written by too many others: repeat later.`;
          throw new StoreError('unavailable', message, { cause: error });
        }
      }
    }
  }

  #at(ifVersion: string, at: Partition, key: string): Precondition {
    const time = fromVersion(ifVersion);
    if (!time) throw refused(at, key);
    return { lastUpdateTime: new this.#engine.Timestamp(time.seconds, time.nanoseconds) };
  }

  async #snapshot(at: Partition, key: string): Promise<DocumentSnapshot> {
    const ref = this.#records(at).doc(recordId(at, key));
    const found = await this.#engine.calls.run({ doing: `read record ${key}` }, () => ref.get());
    if (found.exists) this.#recent.set(ref.path, toVersion(found.updateTime!));
    return found;
  }

  #records({ tenantId }: Partition): CollectionReference {
    return this.#db.collection(`${this.#engine.root}/${tenantId}/records`);
  }
}

function refused(at: Partition, key: string, cause?: unknown): StoreError {
  const message = `Record ${key} of ${at.kind} is not at the version asked for: read it again and decide.`;
  return new StoreError('conflict', message, { cause });
}

function toRow(document: DocumentSnapshot): Row | undefined {
  if (!document.exists) return undefined;
  const { key, json } = document.data() as Fields;
  return { key, json, version: toVersion(document.updateTime!) };
}

function toRecord<T extends Json = Json>({ key, json, version }: Row): TabularRecord<T> {
  return { key, value: fromJsonText<T>(json, `record ${key}`), version };
}
