import type { EmbeddedResourceBlock, MediaBlock, ResourceLinkBlock, TextBlock } from './result.ts';

/** A piece of text for the model, beside the facts of a toolResult. */
export function text(content: string): TextBlock {
  return { type: 'text', text: content };
}

/** An image from its bytes. The host inlines at most its own limit: link to larger ones. */
export function image(bytes: Uint8Array, mimeType: `image/${string}`): MediaBlock {
  return { type: 'image', data: Buffer.from(bytes).toString('base64'), mimeType };
}

/** A sound from its bytes. */
export function audio(bytes: Uint8Array, mimeType: `audio/${string}`): MediaBlock {
  return { type: 'audio', data: Buffer.from(bytes).toString('base64'), mimeType };
}

/** A link that a client can read as a resource of this muscle. */
export function resourceLink(link: Omit<ResourceLinkBlock, 'type'>): ResourceLinkBlock {
  return { type: 'resource_link', ...link };
}

/** A resource with its text, inside the answer. */
export function embeddedText(uri: string, content: string, mimeType = 'text/plain'): EmbeddedResourceBlock {
  return { type: 'resource', resource: { uri, text: content, mimeType } };
}
