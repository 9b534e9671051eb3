import { z } from 'zod';

/** Text for people: what a terminal or a file dialogue could be tricked with is refused. */
const label = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => !/[\p{Cc}\p{Cs}\p{Bidi_Control}]/u.test(text), 'must not hold control characters');

// No pattern: an id that cannot exist is answered like one that does not, with advice on how to find the right one.
const assetId = label(100).describe('Id of the asset: "ast_" and 26 letters and digits.');
const artifactId = label(100).describe('Id of the artifact: "art_" and 26 letters and digits.');
const artifactKind = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9_]*$/);

/** In a query string one tag is a text, and only two are a list. */
const tags = z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(label(64)).max(20));
const metadata = z.record(label(64), z.string().max(500));
const limit = z.coerce.number().int().min(1).max(200).default(50).describe('Most entries to answer, 1 to 200.');
const cursor = z.string().max(2000).optional().describe('next_cursor of the page before; leave out for the first.');
const nextCursor = z.string().optional().describe('Pass as cursor for the next page; absent on the last.');

const content = {
  content_base64: z
    .string()
    .optional()
    .describe('Content as standard base64, at most 1 MiB decoded. Not together with text.'),
  text: z.string().optional().describe('Content as text, at most 1 MiB of UTF-8. Not together with content_base64.'),
  media_type: label(200)
    .optional()
    .describe('Hint such as "text/markdown", used when the bytes do not tell their type.'),
};

const stored = {
  media_type: z.string().describe('Type found out from the bytes, safe to serve.'),
  declared_media_type: z.string().optional().describe('Type as its sender called it; do not rely on it.'),
  size: z.int().describe('Bytes.'),
  sha256: z.string().describe('SHA-256 of the bytes, in hex.'),
  metadata: z.record(z.string(), z.string()).describe('Facts that its sender attached.'),
  created_by: z.string().describe('Id of the user or agent that stored it.'),
  created_at: z.iso.datetime().describe('When it was stored, UTC.'),
};

export const Asset = z.object({
  asset_id: z.string().describe('Id that the other media scopes take.'),
  name: z.string().describe('Name that its sender gave it.'),
  ...stored,
  tags: z.array(z.string()).describe('Words to find it by.'),
  project_id: z.string().describe('Project that it was stored from.'),
});
export type Asset = z.infer<typeof Asset>;

export const Artifact = z.object({
  artifact_id: z.string().describe('Id that media_v2.get_content takes beside the asset_id.'),
  asset_id: z.string().describe('The asset that it was derived from.'),
  kind: z.string().describe('What it is to the asset, such as "thumbnail".'),
  name: z.string().describe('Name that its sender gave it, or its kind.'),
  ...stored,
});
export type Artifact = z.infer<typeof Artifact>;

export const CreateAssetInput = z.object({
  name: label(200).describe('Name for people, such as the file name; 1 to 200 characters.'),
  ...content,
  tags: tags.optional().describe('Up to 20 words to find it by, such as ["invoice", "2026"].'),
  metadata: metadata.optional().describe('Up to 500 characters for each of your own facts: {"camera": "X100"}.'),
});

export const GetAssetInput = z.object({ asset_id: assetId });

export const ListAssetsInput = z.object({
  project_id: label(128).optional().describe('Only assets that were stored from this project.'),
  tag: label(64).optional().describe('Only assets that have exactly this tag.'),
  limit,
  cursor,
});

export const AssetPage = z.object({ assets: z.array(Asset).describe('Newest first.'), next_cursor: nextCursor });

export const AddArtifactInput = z.object({
  asset_id: assetId,
  kind: artifactKind.describe('What it is to the asset, such as "thumbnail" or "transcript".'),
  name: label(200).optional().describe('Name for people, 1 to 200 characters; default: the kind.'),
  ...content,
  metadata: metadata.optional().describe('Your own facts about it, such as {"language": "en"}.'),
});

export const ListArtifactsInput = z.object({
  asset_id: assetId,
  kind: artifactKind.optional().describe('Only artifacts of this kind.'),
  limit,
  cursor,
});

export const ArtifactPage = z.object({
  artifacts: z.array(Artifact).describe('Newest first.'),
  next_cursor: nextCursor,
});

export const GetContentInput = z.object({
  asset_id: assetId,
  artifact_id: artifactId.optional().describe('One of its artifacts instead of the asset itself.'),
});
