import type { Json, MuscleRecord, Page, TabularCapability } from '@northstar/sdk';
import { assertKey } from './assert-key.ts';

/** Records in memory, listed in byte order. Set `failing` to make an operation throw. */
export class FakeTabular implements TabularCapability {
  readonly records = new Map<string, string>();
  failing: 'put' | 'put after writing' | 'put and delete' | undefined;
  /** How many records every list call read. */
  reads: number[] = [];
  #version = 0;

  async get<T extends Json>(key: string): Promise<MuscleRecord<T> | undefined> {
    assertKey(key);
    const text = this.records.get(key);
    return text === undefined ? undefined : { key, value: JSON.parse(text) as T, version: '1' };
  }

  async put(key: string, value: Json): Promise<{ version: string }> {
    assertKey(key);
    if (this.failing === 'put' || this.failing === 'put and delete') throw new Error('disk full');
    this.records.set(key, JSON.stringify(value));
    if (this.failing === 'put after writing') throw new Error('connection lost');
    return { version: String(++this.#version) };
  }

  async delete(key: string): Promise<boolean> {
    if (this.failing === 'put and delete') throw new Error('disk full');
    return this.records.delete(key);
  }

  async list<T extends Json>(
    query: { prefix?: string; limit?: number; cursor?: string } = {},
  ): Promise<Page<MuscleRecord<T>>> {
    const { prefix = '', limit = 100, cursor } = query;
    const last = cursor === undefined ? '' : Buffer.from(cursor, 'hex').toString();
    const keys = [...this.records.keys()].sort().filter((key) => key.startsWith(prefix) && key > last);
    const page = keys.slice(0, limit);
    this.reads.push(page.length);
    const items = page.map((key) => ({ key, value: JSON.parse(this.records.get(key) ?? '') as T, version: '1' }));
    return { items, ...(keys.length > limit && { cursor: Buffer.from(page.at(-1) ?? '').toString('hex') }) };
  }
}
