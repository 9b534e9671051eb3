import type { JsonObject } from '@northstar/sdk';
import type { EventSpine, StreamRef } from './event-spine.ts';
import { StoreError } from './store-error.ts';

/** Events of one append; more than one only after a crash. */
const CHUNK = 20;

/**
 * Brings a stream of `artifact.saved` events up to a version. It goes on where the stream stands, whoever left off
 * there, and event ids are made from the version: several writers at once write each event once, in order.
 */
export async function announceVersions(
  spine: EventSpine,
  at: StreamRef,
  { upTo, infoOf }: { upTo: number; infoOf: (version: number) => Promise<JsonObject> },
): Promise<void> {
  const head = await spine.head(at);
  const data = head?.data as { version?: unknown } | undefined;
  const told = head ? data?.version : 0;
  if (typeof told !== 'number') throw new StoreError('corrupt', `The head of stream ${at.stream} is no version event.`);
  for (let next = told + 1; next <= upTo; next += CHUNK) {
    const versions = Array.from({ length: Math.min(CHUNK, upTo - next + 1) }, (_, i) => next + i);
    const infos = await Promise.all(versions.map(infoOf));
    await spine.appendAll(
      infos.map((info, i) => ({ at, event: { type: 'artifact.saved', data: info, eventId: `v${versions[i]}` } })),
    );
  }
}
