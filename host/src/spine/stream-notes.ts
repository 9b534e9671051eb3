import type { RetentionConfig } from '../config/retention-config.ts';
import type { EventSpine, StreamRef } from '../stores/event-spine.ts';
import { StoreError } from '../stores/store-error.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';
import { sha256OfJson } from './digest.ts';
import { streamKind } from './stream-kind.ts';

/** Which streams there are to look at: a spine cannot list them. The host's own, because no tenant owns the list. */
const AT: Partition = { tenantId: 't_system', kind: 'event_streams' };
/** Streams that this process knows to be noted. */
const MAX_KNOWN = 50_000;

/**
 * The spine, noting every stream that a rule is about before its first event of this process is written. Streams
 * without a rule cost nothing.
 */
export function notingStreams(
  { spine, tabular }: { spine: EventSpine; tabular: TabularStore },
  { rules }: RetentionConfig,
): EventSpine {
  const wanted = (stream: string): boolean => {
    const kind = streamKind(stream);
    return kind !== 'audit' && kind !== 'other' && rules[kind] !== undefined;
  };
  const known = new Set<string>();
  const note = async (at: StreamRef): Promise<void> => {
    const key = noteKey(at);
    if (known.has(key) || !wanted(at.stream)) return;
    const { tenantId, stream, mode, projectId } = at;
    const value = { tenantId, stream, ...(mode && { mode }), ...(projectId !== undefined && { projectId }) };
    try {
      await tabular.put(AT, key, value, { ifVersion: 'absent' });
    } catch (error) {
      // Housekeeping must not keep anybody from writing an event: without a note, the next append tries again.
      if (!(error instanceof StoreError && error.code === 'conflict')) return;
    }
    if (known.size >= MAX_KNOWN) known.clear();
    known.add(key);
  };
  return {
    caps: spine.caps,
    limits: spine.limits,
    async append(at, event, options) {
      await note(at);
      return spine.append(at, event, options);
    },
    async appendAll(entries) {
      await Promise.all(entries.map(({ at }) => note(at)));
      return spine.appendAll(entries);
    },
    read: (at, query) => spine.read(at, query),
    head: (at) => spine.head(at),
    trim: (at, options) => spine.trim(at, options),
  };
}

/** All streams that were noted, page by page. */
export async function* notedStreams(tabular: TabularStore): AsyncGenerator<StreamRef> {
  let cursor: string | undefined;
  do {
    const page = await tabular.list(AT, { limit: 1000, ...(cursor && { cursor }) });
    for (const { value } of page.items) yield value as unknown as StreamRef;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** Streams of one name are told apart by what routes them. Short whatever the name is: a key has its limit too. */
function noteKey({ tenantId, stream, mode, projectId }: StreamRef): string {
  return `${tenantId}/${sha256OfJson([stream, mode ?? null, projectId ?? null])}`;
}
