import type { MediaContext } from './media-context.ts';
import type { Stored } from './links.ts';

/** Everything that is stored is told here, in order. */
const STREAM = 'media_assets';

/**
 * Writes the record of bytes that are already stored, and tells the event spine. All or nothing: when a step fails,
 * the steps before it are taken back, so that whatever can be found has its bytes and was announced.
 */
export async function saveRecord<T extends Stored>(
  ctx: MediaContext,
  record: T,
  { key, eventType }: { key: string; eventType: string },
): Promise<T> {
  try {
    // The caller has been told that the call failed; storing it now would surprise them.
    ctx.signal.throwIfAborted();
    await ctx.tabular.put(key, record);
    await ctx.events.append(STREAM, { type: eventType, data: announcement(record) });
    return record;
  } catch (error) {
    await takeBack(ctx, key);
    throw error;
  }
}

/** The record first: a failed write may have happened after all, and must not be left without its bytes. */
async function takeBack(ctx: MediaContext, key: string): Promise<void> {
  try {
    await ctx.tabular.delete(key);
    await ctx.objects.delete(key);
  } catch (error) {
    ctx.log.warn('could not take back a failed upload; its bytes may remain', { key, reason: String(error) });
  }
}

/** Facts that a listener filters by; tags and metadata may be long and private, and are a read away. */
function announcement(record: Stored) {
  const { tags: _tags, metadata: _metadata, ...facts } = { tags: [], ...record };
  return facts;
}
