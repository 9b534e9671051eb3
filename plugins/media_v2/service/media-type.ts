import { fileTypeFromBuffer } from 'file-type';

/** What file-type asks for to know most formats. */
export const HEAD_BYTES = 4100;

const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;
/** What senders say when they know nothing; the last one is what curl says unasked. */
const GENERIC = new Set(['application/octet-stream', 'binary/octet-stream', 'application/x-www-form-urlencoded']);
/** Formats that file-type knows and that consist of text. */
const TEXT_FORMATS = /^(text\/.+|application\/(pdf|rtf|xml|postscript|eps|pgp-encrypted|x-ms-regedit))$/;
/** A browser runs scripts in these, XML of any kind included, because it may hold XHTML. */
const ACTIVE = /^text\/html$|^(text|application)\/(x-)?(java|ecma|j|live)script|[/+]xml$|^text\/xsl$/;

/**
 * The type to serve content as. The bytes decide; the sender is believed only where they say nothing. Active types are
 * never given out, whoever claims them: stored content must not become a page that runs in somebody's browser.
 */
export async function detectMediaType(content: {
  head: Uint8Array;
  /** Whether the head is all there is. */
  complete: boolean;
  declared?: string | undefined;
}): Promise<string> {
  const isText = looksLikeText(content.head, content.complete);
  const type = (await sniff(content.head, isText)) ?? believable(content.declared);
  if (type !== undefined && !ACTIVE.test(type)) return type;
  return isText ? 'text/plain' : 'application/octet-stream';
}

export const isTextual = (mediaType: string): boolean => /^text\/|^application\/(json|.*\+json)$/.test(mediaType);

async function sniff(head: Uint8Array, isText: boolean): Promise<string | undefined> {
  const found = essence((await fileTypeFromBuffer(head))?.mime);
  // Some formats begin with two letters: a note about BMWs is not a bitmap.
  return found !== undefined && isText && !TEXT_FORMATS.test(found) ? undefined : found;
}

function believable(declared: string | undefined): string | undefined {
  const type = essence(declared);
  return type !== undefined && MEDIA_TYPE.test(type) && !GENERIC.has(type) ? type : undefined;
}

/** `audio/ogg` of `Audio/Ogg; codecs=opus`. */
function essence(mediaType: string | undefined): string | undefined {
  return mediaType?.split(';')[0]?.trim().toLowerCase();
}

function looksLikeText(head: Uint8Array, complete: boolean): boolean {
  if (head.includes(0)) return false;
  try {
    // As a stream, so that a character cut in two by the end of the head is no fault.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !complete });
    return true;
  } catch {
    return false;
  }
}
