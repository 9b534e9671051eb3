import { CALLERS, type StoreSide } from './store-side.ts';
import { sampleValue } from './workloads.ts';

/** Bytes in the engine, keys and indexes included. */
export interface BytesPerItem {
  readonly record?: number;
  readonly event?: number;
}

const ITEMS = CALLERS * 10;

/** What the engine's data grows by when a side writes more: about 400 bytes of it are the value. */
export async function bytesPerItem(side: StoreSide, used: () => Promise<number>): Promise<BytesPerItem> {
  const { put, appendTogether } = side;
  return {
    ...(put && { record: await growth(used, (i) => put(`size/${i}`, sampleValue(i))) }),
    ...(appendTogether && {
      event: await growth(used, (i) => {
        if (i % CALLERS > 0) return undefined;
        return appendTogether(Array.from({ length: CALLERS }, (_, n) => sampleValue(i + n)));
      }),
    }),
  };
}

async function growth(
  used: () => Promise<number>,
  write: (i: number) => Promise<unknown> | undefined,
): Promise<number> {
  const before = await used();
  for (let i = 0; i < ITEMS; i++) await write(i);
  return ((await used()) - before) / ITEMS;
}
