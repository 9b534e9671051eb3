import type { Json } from '@northstar/sdk';
import { CALLERS, type StoreSide } from './store-side.ts';

/** One row of the table: does `count` operations on a side. */
export interface Workload {
  readonly name: string;
  /** Whether the side can do it. */
  readonly fits: (side: StoreSide) => boolean;
  /** Writes what the row needs; not timed. */
  readonly prepare?: (side: StoreSide) => Promise<void>;
  /** Does about `count` operations; how many it really did. */
  run(side: StoreSide, count: number): Promise<number>;
}

const KEYS = 500;
const key = (i: number): string => `item/${String(i % KEYS).padStart(5, '0')}`;

/** About 400 bytes of JSON, as a small record of a real host has. */
export function sampleValue(i: number): Json {
  return {
    id: `item-${i}`,
    name: 'A record of an everyday size',
    tags: ['alpha', 'beta', 'gamma'],
    owner: { type: 'user', id: 'u_bench', roles: ['editor', 'viewer'] },
    note: 'x'.repeat(220),
    count: i,
    at: '2030-01-31T12:00:00.000Z',
  };
}

export const OBJECT_BYTES = 256 * 1024;

async function inTurn(count: number, work: (i: number) => Promise<unknown>): Promise<number> {
  for (let i = 0; i < count; i++) await work(i);
  return count;
}

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'put',
    fits: ({ put }) => put !== undefined,
    run: (side, count) => inTurn(count, (i) => side.put!(key(i), sampleValue(i))),
  },
  {
    name: 'get',
    fits: ({ get }) => get !== undefined,
    prepare: async (side) => void (await inTurn(KEYS, (i) => side.put!(key(i), sampleValue(i)))),
    run: (side, count) => inTurn(count, (i) => side.get!(key(i))),
  },
  {
    name: 'compare-and-set',
    fits: ({ compareAndSet }) => compareAndSet !== undefined,
    async run(side, count) {
      let version = await side.create!('counter', sampleValue(0));
      return inTurn(count, async (i) => {
        version = await side.compareAndSet!('counter', sampleValue(i), version);
      });
    },
  },
  {
    name: 'append, 1 caller',
    fits: ({ append }) => append !== undefined,
    run: (side, count) => inTurn(count, (i) => side.append!(sampleValue(i))),
  },
  {
    name: `append, ${CALLERS} callers`,
    fits: ({ appendTogether }) => appendTogether !== undefined,
    async run(side, count) {
      const rounds = Math.ceil(count / CALLERS);
      const batch = Array.from({ length: CALLERS }, (_, i) => sampleValue(i));
      await inTurn(rounds, () => side.appendTogether!(batch));
      return rounds * CALLERS;
    },
  },
  {
    name: 'replay, rows',
    fits: ({ replay }) => replay !== undefined,
    async run(side, count) {
      let found = 0;
      while (found < count) found += await side.replay!();
      return found;
    },
  },
  {
    name: `put object, ${OBJECT_BYTES / 1024} KiB`,
    fits: ({ putObject }) => putObject !== undefined,
    async run(side, count) {
      // Different bytes every time: equal ones would be found there already, and never sent.
      const body = Buffer.alloc(OBJECT_BYTES, 1);
      return inTurn(count, (i) => {
        body.writeDoubleLE(Math.random(), 8 * (i % 100));
        return side.putObject!(`object/${i % 20}`, body);
      });
    },
  },
  {
    name: `get object, ${OBJECT_BYTES / 1024} KiB`,
    fits: ({ getObject }) => getObject !== undefined,
    prepare: async (side) =>
      void (await inTurn(20, (i) => side.putObject!(`object/${i}`, Buffer.alloc(OBJECT_BYTES, i)))),
    run: (side, count) => inTurn(count, (i) => side.getObject!(`object/${i % 20}`)),
  },
];
