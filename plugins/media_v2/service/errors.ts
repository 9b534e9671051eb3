import { MuscleError } from '@northstar/sdk';
import { MAX_INLINE_BYTES, MAX_UPLOAD_BYTES } from './limits.ts';

// Each message says what happened and what to do next: most clients show a model nothing else.

export function contentMissing(): MuscleError {
  return new MuscleError({
    code: 'media_v2.content_missing',
    message:
      'The call brings no content. Give text or content_base64, or send the raw bytes as the body of the http request. ' +
      'An empty file cannot be stored.',
  });
}

export function contentAmbiguous(sources: string[]): MuscleError {
  return new MuscleError({
    code: 'media_v2.content_ambiguous',
    message: `The call brings its content as ${sources.join(' and as ')}. Keep one of them and leave the rest out.`,
    details: { sources },
  });
}

export function contentInvalid(message: string): MuscleError {
  return new MuscleError({ code: 'media_v2.content_invalid', message });
}

export function argumentTooLarge(argument: string, uploadPath: string): MuscleError {
  return new MuscleError({
    code: 'media_v2.content_too_large',
    status: 413,
    message:
      `${argument} holds more than ${MAX_INLINE_BYTES} bytes. POST the raw bytes to ${uploadPath} instead, ` +
      'with the other arguments in the query string.',
    details: { limit: MAX_INLINE_BYTES, upload_path: uploadPath },
  });
}

export function uploadTooLarge(size: number): MuscleError {
  return new MuscleError({
    code: 'media_v2.content_too_large',
    status: 413,
    message: `The upload has ${size} bytes; at most ${MAX_UPLOAD_BYTES} are stored. Split it, or store it smaller.`,
    details: { size, limit: MAX_UPLOAD_BYTES },
  });
}

export function resourceTooLarge(size: number, path: string): MuscleError {
  return new MuscleError({
    code: 'media_v2.content_too_large',
    status: 413,
    message: `The content has ${size} bytes; at most ${MAX_INLINE_BYTES} fit a resource. Stream it with GET ${path}.`,
    details: { size, limit: MAX_INLINE_BYTES, content_path: path },
  });
}

export function multipartUnsupported(): MuscleError {
  return new MuscleError({
    code: 'media_v2.multipart_unsupported',
    status: 415,
    message:
      'A multipart form would be stored with its boundaries. Send the file itself as the body, such as ' +
      '"curl --data-binary @photo.jpg -H \'content-type: image/jpeg\'", and the other arguments in the query string.',
  });
}

export function assetNotFound(assetId: string): MuscleError {
  return new MuscleError({
    code: 'media_v2.asset_not_found',
    status: 404,
    message: `No asset ${JSON.stringify(assetId)} is stored in this tenant. Find the asset_id with media_v2.list_assets.`,
  });
}

export function artifactNotFound(assetId: string, artifactId: string): MuscleError {
  return new MuscleError({
    code: 'media_v2.artifact_not_found',
    status: 404,
    message:
      `The asset ${assetId} has no artifact ${JSON.stringify(artifactId)}. ` +
      'Find the artifact_id with media_v2.list_artifacts.',
  });
}

export function contentLost(): MuscleError {
  return new MuscleError({
    code: 'media_v2.content_lost',
    status: 500,
    message:
      'The record is there, but its bytes are not. Ask the operator to restore the object store, or store it anew.',
  });
}

/** The contract's code for a cursor of any kind, so that a client needs one rule for all of them. */
export function cursorInvalid(): MuscleError {
  return new MuscleError({
    code: 'cursor.invalid',
    status: 410,
    message: 'The cursor is not one that this listing gave out. List again without a cursor.',
  });
}
