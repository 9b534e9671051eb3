import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fakeContext, inProject, type FakeContext } from '../test/fake-context.ts';
import { ListAssetsInput } from '../models.ts';
import { createAsset, listAssets } from './assets.ts';

const COUNT = 250;

async function pages(ctx: FakeContext, query: { tag?: string; project_id?: string; limit?: number }) {
  const names: string[][] = [];
  let cursor: string | undefined;
  do {
    const { assets, next_cursor } = await listAssets(ctx, ListAssetsInput.parse({ ...query, cursor }));
    names.push(assets.map(({ name }) => name));
    cursor = next_cursor;
  } while (cursor !== undefined && names.length < 1000);
  return names;
}

describe('list_assets over 250 assets', () => {
  const ctx = fakeContext();
  const newestFirst = Array.from({ length: COUNT }, (_, index) => COUNT - 1 - index);

  beforeAll(async () => {
    vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ['Date'] });
    for (let index = 0; index < COUNT; index++) {
      vi.setSystemTime(1_700_000_000_000 + index);
      const caller = inProject(ctx, index % 2 ? 'p_odd' : 'p_even');
      const tags = ['all', ...(index % 7 === 0 ? ['seventh'] : [])];
      await createAsset(caller, { name: `n${index}`, text: 'x', tags });
    }
  });
  afterAll(() => void vi.useRealTimers());

  it.each([1, 7, 50, 200])('gives every asset once, newest first, in pages of %i', async (limit) => {
    expect((await pages(ctx, { limit })).flat()).toEqual(newestFirst.map((index) => `n${index}`));
  });

  it.each([1, 2, 5, 50])('gives every asset with a tag once, in pages of %i', async (limit) => {
    const found = await pages(ctx, { tag: 'seventh', limit });
    expect(found.flat()).toEqual(newestFirst.filter((index) => index % 7 === 0).map((index) => `n${index}`));
    expect(Math.max(...found.map((page) => page.length))).toBeLessThanOrEqual(limit);
  });

  it('filters by project and tag at once', async () => {
    const found = (await pages(ctx, { project_id: 'p_odd', tag: 'seventh', limit: 3 })).flat();
    expect(found).toEqual(newestFirst.filter((index) => index % 14 === 7).map((index) => `n${index}`));
  });

  it('reads no more records than it answers when nothing is filtered', async () => {
    ctx.tabular.reads = [];
    await listAssets(ctx, { limit: 20 });
    expect(ctx.tabular.reads).toEqual([20]);
  });

  it('neither repeats nor skips an asset when new ones arrive between the pages', async () => {
    const busy = fakeContext();
    for (const [key, value] of ctx.tabular.records) busy.tabular.records.set(key, value);
    const first = await listAssets(busy, { tag: 'all', limit: 30 });
    vi.setSystemTime(1_800_000_000_000);
    for (let index = 0; index < 300; index++) await createAsset(busy, { name: 'late', text: 'x', tags: ['all'] });
    const names = first.assets.map(({ name }) => name);
    for (let cursor = first.next_cursor; cursor !== undefined;) {
      const page = await listAssets(busy, { tag: 'all', limit: 30, cursor });
      names.push(...page.assets.map(({ name }) => name));
      cursor = page.next_cursor;
    }
    expect(names).toEqual(newestFirst.map((index) => `n${index}`));
  });

  it.each([
    '',
    'nonsense',
    '%%%',
    Buffer.from('{"page":7}').toString('base64url'),
    Buffer.from('null').toString('base64url'),
  ])('refuses the cursor "%s" that it never gave out', async (cursor) => {
    await expect(listAssets(ctx, { limit: 5, cursor })).rejects.toMatchObject({ code: 'cursor.invalid', status: 410 });
  });
});

describe('a filter that matches next to nothing', () => {
  it('reads a bounded number of records in one call and gets there over several', async () => {
    const ctx = fakeContext();
    const { asset_id, ...facts } = await createAsset(ctx, { name: 'needle', text: 'x', tags: ['rare'] });
    ctx.tabular.records.clear();
    const put = (id: string, tags: string[]) =>
      ctx.tabular.records.set(`assets/${id}`, JSON.stringify({ ...facts, asset_id: id, tags }));
    for (let index = 0; index < 5000; index++) put(`ast_0${String(index).padStart(25, '0')}`, []);
    put(asset_id.replace(/^ast_./, 'ast_z'), ['rare']);

    ctx.tabular.reads = [];
    const first = await listAssets(ctx, { tag: 'rare', limit: 10 });
    expect(first).toEqual({ assets: [], next_cursor: expect.any(String) });
    expect(ctx.tabular.reads.reduce((sum, count) => sum + count)).toBe(2000);
    const found = await pages(ctx, { tag: 'rare', limit: 10 });
    expect(found).toEqual([[], [], ['needle']]);
  });
});
