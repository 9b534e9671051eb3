import type { z } from 'zod';
import type { Asset, AssetPage, CreateAssetInput, ListAssetsInput } from '../models.ts';
import { assetNotFound } from './errors.ts';
import { isAssetId, newId } from './ids.ts';
import { assetKey, ASSETS } from './keys.ts';
import type { MediaContext } from './media-context.ts';
import { saveRecord } from './save-record.ts';
import { scanRecords } from './scan-records.ts';
import { storeContent } from './store-content.ts';

/** Bytes before record: a crash between them leaves bytes that nothing refers to, never a record without bytes. */
export async function createAsset(ctx: MediaContext, args: z.infer<typeof CreateAssetInput>): Promise<Asset> {
  const asset_id = newId('ast');
  const key = assetKey(asset_id);
  const content = await storeContent(ctx, args, { key, uploadPath: '/media-v2/assets' });
  const asset: Asset = {
    asset_id,
    name: args.name,
    ...content,
    tags: [...new Set(args.tags)],
    metadata: args.metadata ?? {},
    project_id: ctx.request.projectId,
    created_by: ctx.request.actor.id,
    created_at: new Date().toISOString(),
  };
  return saveRecord(ctx, asset, { key, eventType: 'asset.created' });
}

export async function getAsset(ctx: MediaContext, assetId: string): Promise<Asset> {
  const record = isAssetId(assetId) ? await ctx.tabular.get<Asset>(assetKey(assetId)) : undefined;
  if (!record) throw assetNotFound(assetId);
  return record.value;
}

export async function listAssets(
  ctx: MediaContext,
  { project_id, tag, limit, cursor }: z.infer<typeof ListAssetsInput>,
): Promise<z.infer<typeof AssetPage>> {
  const all = project_id === undefined && tag === undefined;
  const { values, nextCursor } = await scanRecords<Asset>(ctx.tabular, {
    prefix: ASSETS,
    limit,
    cursor,
    ...(!all && {
      matches: (asset) =>
        (project_id === undefined || asset.project_id === project_id) &&
        (tag === undefined || asset.tags.includes(tag)),
    }),
  });
  return { assets: values, ...(nextCursor !== undefined && { next_cursor: nextCursor }) };
}

/** Ids that begin with what was typed, newest first. */
export async function findAssetIds(ctx: MediaContext, typed: string): Promise<string[]> {
  if (!/^[a-z0-9_]{0,30}$/.test(typed)) return [];
  const { items } = await ctx.tabular.list<Asset>({ prefix: assetKey(typed), limit: 100 });
  return items.map(({ value }) => value.asset_id);
}
