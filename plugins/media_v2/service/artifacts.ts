import type { z } from 'zod';
import type { AddArtifactInput, Artifact, ArtifactPage, ListArtifactsInput } from '../models.ts';
import { getAsset } from './assets.ts';
import { artifactNotFound } from './errors.ts';
import { isArtifactId, newId } from './ids.ts';
import { artifactKey, artifactsOf } from './keys.ts';
import type { MediaContext } from './media-context.ts';
import { saveRecord } from './save-record.ts';
import { scanRecords } from './scan-records.ts';
import { storeContent } from './store-content.ts';

export async function addArtifact(ctx: MediaContext, args: z.infer<typeof AddArtifactInput>): Promise<Artifact> {
  // Before a byte is read: an upload for nothing would cost its sender minutes.
  const { asset_id } = await getAsset(ctx, args.asset_id);
  const artifact_id = newId('art');
  const key = artifactKey(asset_id, artifact_id);
  const uploadPath = `/media-v2/assets/${asset_id}/artifacts`;
  const content = await storeContent(ctx, args, { key, uploadPath });
  const artifact: Artifact = {
    artifact_id,
    asset_id,
    kind: args.kind,
    name: args.name ?? args.kind,
    ...content,
    metadata: args.metadata ?? {},
    created_by: ctx.request.actor.id,
    created_at: new Date().toISOString(),
  };
  return saveRecord(ctx, artifact, { key, eventType: 'artifact.added' });
}

export async function getArtifact(
  ctx: MediaContext,
  { asset_id, artifact_id }: { asset_id: string; artifact_id: string },
): Promise<Artifact> {
  await getAsset(ctx, asset_id);
  const key = artifactKey(asset_id, artifact_id);
  const record = isArtifactId(artifact_id) ? await ctx.tabular.get<Artifact>(key) : undefined;
  if (!record) throw artifactNotFound(asset_id, artifact_id);
  return record.value;
}

export async function listArtifacts(
  ctx: MediaContext,
  { asset_id, kind, limit, cursor }: z.infer<typeof ListArtifactsInput>,
): Promise<z.infer<typeof ArtifactPage>> {
  // An asset that does not exist is a mistake to hear about, not an asset without artifacts.
  await getAsset(ctx, asset_id);
  const { values, nextCursor } = await scanRecords<Artifact>(ctx.tabular, {
    prefix: artifactsOf(asset_id),
    limit,
    cursor,
    ...(kind !== undefined && { matches: (artifact) => artifact.kind === kind }),
  });
  return { artifacts: values, ...(nextCursor !== undefined && { next_cursor: nextCursor }) };
}
