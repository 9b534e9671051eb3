import type { EventSpine, StoredEvent, StreamRef } from '../stores/event-spine.ts';
import { StoreError } from '../stores/store-error.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import { EMBEDDED, readCheckpoint, type Checkpoint, type EngineOf } from './audit-checkpoint.ts';
import { CUT_RECORD, GENESIS, checkRecord, type ChainHead } from './audit-record.ts';

export type AuditVerdict =
  | { readonly ok: true; readonly records: number; readonly head: ChainHead }
  /** `seq` is the number, from 1, of the first record that is not as it was written. */
  | { readonly ok: false; readonly seq: number; readonly reason: string };

const PAGE = 500;

/**
 * Reads a tenant's audit chain from its first record and names the first that was edited, removed, moved or put in.
 * A cut tail shows by the checkpoint that the host keeps apart, and by `known`: a place in the chain, `head` of an
 * earlier verdict, that the caller kept elsewhere. Safe on a host that is running.
 *
 * Whoever can rewrite all records from some point on, their hashes and the checkpoint is found by `known` alone.
 *
 * @throws StoreError when the stores do not answer; damage is a verdict.
 */
export async function verifyAudit(
  stores: { spine: EventSpine; tabular: TabularStore; engineOf?: EngineOf },
  at: StreamRef,
  { known }: { known?: ChainHead } = {},
): Promise<AuditVerdict> {
  // Before the records: what is written meanwhile may only add to them.
  const stored = await readCheckpoint(stores.tabular, at);
  // One of another engine says nothing about this one: the chain was routed elsewhere.
  const checkpoint = stored?.engine === (stores.engineOf?.(at) ?? EMBEDDED) ? stored : undefined;
  const marks: readonly (ChainHead & Partial<Checkpoint>)[] = [known, checkpoint].filter((mark) => mark !== undefined);
  let head = GENESIS;
  let seq = 0;
  const fault = (reason: string): AuditVerdict => ({ ok: false, seq: head.order + 1, reason });
  try {
    for await (const event of records(stores.spine, at)) {
      const checked = checkRecord(at.tenantId, event, head);
      if (checked.fault !== undefined) return fault(checked.fault);
      if (!(Number.isInteger(event.seq) && event.seq > seq)) return fault('its number in the stream was changed');
      if (event.type === CUT_RECORD) return fault('the host found here that the end of the chain had been cut');
      for (const mark of marks) {
        if (mark.order !== checked.head.order) continue;
        if (mark.hash !== checked.head.hash) return fault('it is not the record that was known to be here');
        if (mark.cursor !== undefined && mark.cursor !== event.cursor)
          return fault('it stands elsewhere in the stream');
      }
      head = checked.head;
      seq = event.seq;
    }
  } catch (error) {
    if (error instanceof Unreadable) return fault(error.message);
    throw error;
  }
  if (marks.some((mark) => mark.order > head.order)) return fault('the chain was longer: its end has been cut');
  return { ok: true, records: head.order, head };
}

class Unreadable extends Error {}

/** All events of the chain. Damage in a page is looked for one by one, so that the records before it are checked. */
async function* records(spine: EventSpine, at: StreamRef): AsyncGenerator<StoredEvent> {
  let limit = PAGE;
  for (let after: string | undefined; ;) {
    try {
      const { events, more } = await spine.read(at, { after, limit });
      yield* events;
      after = events.at(-1)?.cursor ?? after;
      if (!more) return;
    } catch (error) {
      if (!(error instanceof StoreError) || !['corrupt', 'cursor_invalid'].includes(error.code)) throw error;
      if (limit === 1) throw new Unreadable(`it cannot be read: ${error.message}`);
      limit = 1;
    }
  }
}
