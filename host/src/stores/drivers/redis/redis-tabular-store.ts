import { randomBytes } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import type { EngineCaps } from '../../engine-caps.ts';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { StoreError } from '../../store-error.ts';
import type { Condition, ListQuery, Partition, TabularPage, TabularRecord, TabularStore } from '../../tabular-store.ts';
import { fromJsonText, toJsonText } from '../json-text.ts';
import { fromListCursor, toListCursor } from '../list-cursor.ts';
import { PAGE_BYTES, REDIS_JSON, REDIS_LIMITS } from './redis-caps.ts';
import { script, type RedisEngine } from './redis-engine.ts';

/** A version is 16 random bytes in base64: never reused, not even when a failover loses the write that it came from. */
const VERSION_CHARS = 22;
const VERSION = /^[A-Za-z0-9_-]{22}$/;

/**
 * Records in Redis: a string per record, its version in front of its JSON, and per partition a sorted set of the keys
 * in byte order. Keys of one partition carry one hash tag.
 */
export class RedisTabularStore implements TabularStore {
  readonly caps: EngineCaps;
  readonly limits = REDIS_LIMITS;
  readonly #engine: RedisEngine;

  constructor(engine: RedisEngine, caps: EngineCaps) {
    this.#engine = engine;
    this.caps = caps;
  }

  async get<T extends Json = Json>(at: Partition, key: string): Promise<TabularRecord<T> | undefined> {
    const name = this.#recordName(at, key);
    const stored = await this.#engine.call(`read record ${key}`, 'read', (client) => client.get(name));
    return stored === null ? undefined : toRecord<T>(key, stored);
  }

  async getMany(at: Partition, keys: readonly string[]): Promise<(TabularRecord | undefined)[]> {
    if (keys.length === 0) return [];
    const names = keys.map((key) => this.#recordName(at, key));
    const stored = await this.#engine.call(`read records of ${at.kind}`, 'read', (client) => client.mGet(names));
    return keys.map((key, index) => {
      const text = stored[index] ?? null;
      return text === null ? undefined : toRecord(key, text);
    });
  }

  async put(at: Partition, key: string, value: Json, condition?: Condition): Promise<{ version: string }> {
    const json = toJsonText(value, `record ${key}`, REDIS_JSON);
    const version = randomBytes(16).toString('base64url');
    const names = [this.#recordName(at, key), this.#indexName(at)];
    const args = [...toCondition(condition), version, json, key];
    const written = await this.#engine.run(`write record ${key}`, PUT, names, args);
    if (written === 1) return { version };
    throw conflict(at, key, condition);
  }

  async delete(at: Partition, key: string, condition?: Condition): Promise<boolean> {
    const names = [this.#recordName(at, key), this.#indexName(at)];
    const deleted = await this.#engine.run(`delete record ${key}`, DELETE, names, [...toCondition(condition), key]);
    if (deleted === -1) throw conflict(at, key, condition);
    return deleted === 1;
  }

  async list<T extends Json = Json>(at: Partition, query: ListQuery = {}): Promise<TabularPage<T>> {
    const { prefix = '', limit = DEFAULT_PAGE, cursor } = query;
    const from = cursor === undefined ? `[${prefix}` : `(${fromListCursor(cursor, prefix)}`;
    // DEL sorts after every character of an encoded key: "end of the prefix".
    const args = [from, `(${prefix}\x7f`, `${limit}`, `${PAGE_BYTES}`, this.#recordName(at, '')];
    const answer = await this.#engine.run(`list records of ${at.kind}`, LIST, [this.#indexName(at)], args);
    const [more, keys, values] = answer as [number, string[], string[]];
    const items = keys.map((key, i) => toRecord<T>(key, values[i]!));
    const last = items.at(-1);
    return more === 1 && last ? { items, cursor: toListCursor(last.key) } : { items };
  }

  #recordName(at: Partition, key: string): string {
    return `${this.#engine.prefix}:records:{${at.tenantId}/${at.kind}}:${key}`;
  }

  #indexName(at: Partition): string {
    return `${this.#engine.prefix}:keys:{${at.tenantId}/${at.kind}}`;
  }
}

const IS_REFUSED = `
  local function refused(name, mode, version)
    if mode == 'any' then return false end
    local current = redis.call('GETRANGE', name, 0, ${VERSION_CHARS - 1})
    if mode == 'absent' then return current ~= '' end
    return current ~= version
  end`;

const PUT = script(
  'write',
  `${IS_REFUSED}
  local mode, expected, version, json, key = unpack(ARGV)
  if refused(KEYS[1], mode, expected) then return 0 end
  redis.call('SET', KEYS[1], version .. json)
  redis.call('ZADD', KEYS[2], 0, key)
  return 1`,
);

const DELETE = script(
  'write',
  `${IS_REFUSED}
  local mode, expected, key = unpack(ARGV)
  if refused(KEYS[1], mode, expected) then return -1 end
  redis.call('ZREM', KEYS[2], key)
  return redis.call('DEL', KEYS[1])`,
);

/** The records share the slot of the index, so their names may be built here. */
const LIST = script(
  'read',
  `local from, to, limit, bytes, prefix = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
  local keys = redis.call('ZRANGEBYLEX', KEYS[1], from, to, 'LIMIT', 0, limit + 1)
  local page, values, total = {}, {}, 0
  for i, key in ipairs(keys) do
    total = total + redis.call('STRLEN', prefix .. key)
    if i > limit or (i > 1 and total > bytes) then return { 1, page, values } end
    page[i] = key
    values[i] = redis.call('GET', prefix .. key)
  end
  return { 0, page, values }`,
);

/** A version that this store cannot have given out equals none: not even that of a missing record, which is empty. */
function toCondition(condition: Condition | undefined): [mode: string, version: string] {
  const ifVersion = condition?.ifVersion;
  if (ifVersion === undefined) return ['any', ''];
  if (ifVersion === 'absent') return ['absent', ''];
  return ['match', VERSION.test(ifVersion) ? ifVersion : 'none'];
}

function conflict(at: Partition, key: string, condition: Condition | undefined): StoreError {
  const state = condition?.ifVersion === 'absent' ? 'exists already' : 'does not exist, or has changed since';
  return new StoreError('conflict', `Record ${key} of ${at.kind} ${state}: read it again and decide.`);
}

function toRecord<T extends Json>(key: string, stored: string): TabularRecord<T> {
  const value = fromJsonText<T>(stored.slice(VERSION_CHARS), `record ${key}`);
  return { key, value, version: stored.slice(0, VERSION_CHARS) };
}
