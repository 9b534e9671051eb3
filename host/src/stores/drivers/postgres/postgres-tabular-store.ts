import type { Json } from '@northstar/sdk';
import type { EngineCaps } from '../../engine-caps.ts';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import type { Condition, ListQuery, Partition, TabularPage, TabularRecord, TabularStore } from '../../tabular-store.ts';
import { fromJsonText, toJsonText } from '../json-text.ts';
import { fromListCursor, toListCursor } from '../list-cursor.ts';
import { PAGE_BYTES, POSTGRES_LIMITS } from './postgres-caps.ts';
import type { PostgresEngine, Statement } from './postgres-engine.ts';

interface Row {
  readonly key: string;
  readonly json: string;
  readonly version: string;
}

/** Records in Postgres. Every write is one statement that checks its condition itself. */
export class PostgresTabularStore implements TabularStore {
  readonly caps: EngineCaps;
  readonly limits = POSTGRES_LIMITS;
  readonly #engine: PostgresEngine;
  readonly #sql: ReturnType<typeof statements>;

  constructor(engine: PostgresEngine, caps: EngineCaps) {
    this.#engine = engine;
    this.caps = caps;
    this.#sql = statements(engine.schema);
  }

  async get<T extends Json = Json>(at: Partition, key: string): Promise<TabularRecord<T> | undefined> {
    const values = [at.tenantId, at.kind, key];
    const [row] = await this.#engine.read<Row>(`read record ${key}`, { ...this.#sql.get, values });
    return row && toRecord<T>(row);
  }

  async getMany(at: Partition, keys: readonly string[]): Promise<(TabularRecord | undefined)[]> {
    const values = [at.tenantId, at.kind, keys];
    const rows = await this.#engine.read<Row>(`read records of ${at.kind}`, { ...this.#sql.getMany, values });
    const found = new Map(rows.map((row) => [row.key, row]));
    return keys.map((key) => {
      const row = found.get(key);
      return row && toRecord(row);
    });
  }

  async put(at: Partition, key: string, value: Json, condition?: Condition): Promise<{ version: string }> {
    const json = toJsonText(value, `record ${key}`);
    const ifVersion = condition?.ifVersion;
    const values: unknown[] = [at.tenantId, at.kind, key, Buffer.byteLength(json), json];
    let statement: Statement = this.#sql.put;
    if (ifVersion === 'absent') statement = this.#sql.create;
    else if (ifVersion !== undefined) {
      statement = this.#sql.replace;
      values.push(toRevision(ifVersion));
    }
    const { rows } = await this.#engine.write<{ version: string }>(`write record ${key}`, { ...statement, values });
    const row = rows[0] ?? refuse(at, key, ifVersion);
    return { version: toVersion(row.version) };
  }

  async delete(at: Partition, key: string, condition?: Condition): Promise<boolean> {
    const ifVersion = condition?.ifVersion;
    // Nothing can be deleted on the condition that nothing is there; and no revision is negative.
    const revision = ifVersion === undefined ? null : ifVersion === 'absent' ? '-1' : toRevision(ifVersion);
    const values = [at.tenantId, at.kind, key, revision];
    const { changes } = await this.#engine.write(`delete record ${key}`, { ...this.#sql.remove, values });
    if (changes > 0) return true;
    if (ifVersion === undefined) return false;
    if (ifVersion === 'absent' && !(await this.get(at, key))) return false;
    return refuse(at, key, ifVersion);
  }

  async list<T extends Json = Json>(at: Partition, query: ListQuery = {}): Promise<TabularPage<T>> {
    const { prefix = '', limit = DEFAULT_PAGE, cursor } = query;
    // '!' sorts before and DEL after every character of an encoded key: "behind the cursor", "end of the prefix".
    const from = cursor === undefined ? prefix : `${fromListCursor(cursor, prefix)}!`;
    const values = [at.tenantId, at.kind, from, `${prefix}\x7f`, limit + 1, PAGE_BYTES];
    const rows = await this.#engine.read<Row & { found: number }>(`list records of ${at.kind}`, {
      ...this.#sql.list,
      values,
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const items = page.map((row) => toRecord<T>(row));
    return last && rows[0]!.found > page.length ? { items, cursor: toListCursor(last.key) } : { items };
  }
}

function statements(schema: string) {
  const records = `${schema}.records`;
  const where = 'tenant = $1 AND kind = $2 AND key = $3';
  // One sequence for the whole store: a record that is deleted and made again must not get a version somebody holds.
  const next = `nextval('${schema}.record_versions')`;
  const insert = `INSERT INTO ${records} (tenant, kind, key, version, bytes, value)
                  VALUES ($1, $2, $3, ${next}, $4, $5)`;
  return {
    get: {
      name: 'northstar_get',
      text: `SELECT key, version::text, value::text AS json FROM ${records} WHERE ${where}`,
    },
    getMany: {
      name: 'northstar_get_many',
      text: `SELECT key, version::text, value::text AS json FROM ${records}
             WHERE tenant = $1 AND kind = $2 AND key = ANY($3)`,
    },
    put: {
      name: 'northstar_put',
      text: `${insert} ON CONFLICT (tenant, kind, key)
             DO UPDATE SET version = excluded.version, bytes = excluded.bytes, value = excluded.value
             RETURNING version::text`,
    },
    create: { name: 'northstar_create', text: `${insert} ON CONFLICT DO NOTHING RETURNING version::text` },
    replace: {
      name: 'northstar_replace',
      text: `UPDATE ${records} SET version = ${next}, bytes = $4, value = $5
             WHERE ${where} AND version = $6::bigint RETURNING version::text`,
    },
    remove: {
      name: 'northstar_remove',
      text: `DELETE FROM ${records} WHERE ${where} AND ($4::bigint IS NULL OR version = $4::bigint)`,
    },
    list: {
      name: 'northstar_list',
      text: `SELECT key, version::text, value::text AS json, found::int FROM (
               SELECT *, count(*) OVER () AS found, row_number() OVER (ORDER BY key) AS nth,
                      sum(bytes) OVER (ORDER BY key) AS total
               FROM (SELECT * FROM ${records} WHERE tenant = $1 AND kind = $2 AND key >= $3 AND key < $4
                     ORDER BY key LIMIT $5) AS page) AS sized
             WHERE nth = 1 OR total <= $6 ORDER BY key`,
    },
  } satisfies Record<string, Statement>;
}

function refuse(at: Partition, key: string, ifVersion: string | undefined): never {
  const state = ifVersion === 'absent' ? 'exists already' : 'does not exist, or has changed since';
  throw new StoreError('conflict', `Record ${key} of ${at.kind} ${state}: read it again and decide.`);
}

/** With a letter, so that nobody counts with it; never equal to "absent". */
function toVersion(revision: string): string {
  return `r${revision}`;
}

/** The revision in a version; -1, which no record has, for a text that this store never gave out. */
function toRevision(version: string): string {
  return /^r[1-9]\d{0,17}$/.test(version) ? version.slice(1) : '-1';
}

function toRecord<T extends Json>({ key, json, version }: Row): TabularRecord<T> {
  return { key, value: fromJsonText<T>(json, `record ${key}`), version: toVersion(version) };
}
