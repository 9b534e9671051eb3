import type { EventSpine, StreamRef } from './event-spine.ts';
import type { HintBus } from './hint-bus.ts';

/** The topic of a stream. A tenant has no `/`, so two streams never share one. */
export function streamTopic({ tenantId, stream }: StreamRef): string {
  return `stream/${tenantId}/${stream}`;
}

/** The spine, waking the tails of a stream after every append to it. Goes above the key codec, as `tailStream` does. */
export function withHints(spine: EventSpine, hints: HintBus): EventSpine {
  const wake = (refs: readonly StreamRef[]): void => {
    for (const topic of new Set(refs.map(streamTopic))) hints.publish(topic);
  };
  return {
    caps: spine.caps,
    limits: spine.limits,
    async append(at, event, options) {
      const appended = await spine.append(at, event, options);
      if (!appended.duplicate) wake([at]);
      return appended;
    },
    async appendAll(entries) {
      try {
        return await spine.appendAll(entries);
      } finally {
        // Also when it failed: an engine without transactions may have written the first of them.
        wake(entries.map(({ at }) => at));
      }
    },
    read: (at, query) => spine.read(at, query),
    head: (at) => spine.head(at),
    trim: (at, options) => spine.trim(at, options),
  };
}
