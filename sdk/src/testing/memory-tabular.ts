import type { MuscleRecord, Page, TabularCapability, WriteCondition } from '../contract/capabilities.ts';
import type { Json } from '../contract/json.ts';
import { encodedKey, MemoryStoreError, pageLimit } from './memory-store-error.ts';

interface Stored {
  readonly key: string;
  readonly text: string;
  readonly version: string;
}

/** Records in memory that behave as the host's: versions, conditions, order and cursors. */
export class MemoryTabular implements TabularCapability {
  readonly #records = new Map<string, Stored>();
  readonly #cursors = new Map<string, string>();
  #version = 0;

  async get<T extends Json = Json>(key: string): Promise<MuscleRecord<T> | undefined> {
    const stored = this.#records.get(encodedKey(key));
    return stored && recordOf<T>(stored);
  }

  async put(key: string, value: Json, condition?: WriteCondition): Promise<{ version: string }> {
    const encoded = encodedKey(key);
    // The value of this moment, as the host stores it.
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError('The value is not JSON.');
    this.#check(encoded, condition);
    const version = `v${++this.#version}`;
    this.#records.set(encoded, { key, text, version });
    return { version };
  }

  async delete(key: string, condition?: WriteCondition): Promise<boolean> {
    const encoded = encodedKey(key);
    this.#check(encoded, condition);
    return this.#records.delete(encoded);
  }

  async list<T extends Json = Json>({
    prefix = '',
    limit,
    cursor,
  }: Parameters<TabularCapability['list']>[0] = {}): Promise<Page<MuscleRecord<T>>> {
    const size = pageLimit(limit);
    const start = prefix === '' ? '' : encodedKey(prefix);
    const after = cursor === undefined ? '' : this.#cursors.get(cursor);
    if (after === undefined) throw new MemoryStoreError('cursor_invalid', 'This store did not give the cursor out.');
    const keys = [...this.#records.keys()].filter((key) => key.startsWith(start) && key > after).sort();
    const page = keys.slice(0, size);
    const items = page.flatMap((key) => {
      const stored = this.#records.get(key);
      return stored ? [recordOf<T>(stored)] : [];
    });
    if (keys.length <= size) return { items };
    const last = page.at(-1) ?? '';
    const given = Buffer.from(last).toString('base64url');
    this.#cursors.set(given, last);
    return { items, cursor: given };
  }

  #check(encoded: string, { ifVersion }: WriteCondition = {}): void {
    if (ifVersion === undefined) return;
    const found = this.#records.get(encoded)?.version ?? 'absent';
    if (found !== ifVersion)
      throw new MemoryStoreError('conflict', `The record is not at version ${ifVersion}. Read it again.`);
  }
}

function recordOf<T extends Json>({ key, text, version }: Stored): MuscleRecord<T> {
  return { key, value: JSON.parse(text) as T, version };
}
