import type { ContentBlock } from '@northstar/sdk';
import type { Artifact, Asset } from '../models.ts';

export type Stored = Asset | Artifact;

/** The resource that reads the content; its templates stand in spec.yaml. */
export function contentUri(stored: Stored): string {
  const artifact = 'artifact_id' in stored ? `/artifacts/${stored.artifact_id}` : '';
  return `media-v2://assets/${stored.asset_id}${artifact}/content`;
}

/** The http route that streams the content; its binding stands in spec.yaml. */
export function contentPath(stored: Stored): string {
  const query = 'artifact_id' in stored ? `?artifact_id=${stored.artifact_id}` : '';
  return `/media-v2/assets/${stored.asset_id}/content${query}`;
}

export function contentLink(stored: Stored) {
  return {
    type: 'resource_link',
    uri: contentUri(stored),
    name: stored.name,
    mimeType: stored.media_type,
    size: stored.size,
  } as const satisfies ContentBlock;
}
