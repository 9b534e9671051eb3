import { createHash, randomBytes } from 'node:crypto';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { Json } from '@northstar/sdk';
import { StoreError } from '../stores/store-error.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';
import { SYSTEM_TENANT, type RequestContext } from './request-context.ts';

interface StoredTicket {
  readonly context: RequestContext;
  /** Path that the ticket opens, without query. */
  readonly resource: string;
  readonly expires_at: string;
}

const AT: Partition = { tenantId: SYSTEM_TENANT, kind: 'ticket_store' };
export const MAX_TICKET_SECONDS = 300;
const SWEEP_EVERY_MS = 60_000;

/** Only the hash is stored: whoever reads the store learns no ticket that works. */
const keyOf = (ticket: string): string => `tickets/${createHash('sha256').update(ticket).digest('hex')}`;

/**
 * Single-use stand-ins for a bearer token, for clients that can put nothing but a URL into a request. Bound to the
 * issuer, subject and tenant they were made for, and to one resource.
 */
export class TicketStore {
  readonly #records: TabularStore;
  #sweptAt = Date.now();

  constructor(records: TabularStore) {
    this.#records = records;
  }

  async issue(
    context: RequestContext,
    resource: string,
    seconds: number,
  ): Promise<{ ticket: string; expires_at: string }> {
    const ticket = `tkt_${randomBytes(24).toString('base64url')}`;
    const expires_at = new Date(Date.now() + seconds * 1000).toISOString();
    this.#sweepNowAndThen();
    const stored: StoredTicket = { context, resource, expires_at };
    await this.#records.put(AT, keyOf(ticket), stored as unknown as Json);
    return { ticket, expires_at };
  }

  /** Uses the ticket up and gives the context it was made from. Of two racing requests one wins. */
  async redeem(ticket: string, resource: string): Promise<RequestContext> {
    const record = await this.#records.get(AT, keyOf(ticket));
    if (record === undefined) throw invalid();
    const stored = record.value as unknown as StoredTicket;
    if (stored.resource !== resource) throw invalid();
    try {
      if (!(await this.#records.delete(AT, keyOf(ticket), { ifVersion: record.version }))) throw invalid();
    } catch (error) {
      if (error instanceof StoreError && error.code === 'conflict') throw invalid();
      throw error;
    }
    if (!(Date.parse(stored.expires_at) > Date.now())) throw invalid();
    return stored.context;
  }

  /** Most tickets are used or expire within minutes, so the store holds few; without this it would grow for ever. */
  #sweepNowAndThen(): void {
    if (Date.now() - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = Date.now();
    // Only housekeeping: a store that fails here fails the write of the new ticket as well, and that is told.
    this.removeExpired().catch(() => undefined);
  }

  /** Removes tickets that nobody used in time. */
  async removeExpired(now = Date.now()): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#records.list(AT, { prefix: 'tickets/', limit: 1000, ...(cursor && { cursor }) });
      for (const { key, value } of page.items)
        if (!(Date.parse((value as unknown as StoredTicket).expires_at) > now)) await this.#records.delete(AT, key);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
}

/** One answer for unknown, used, expired and elsewhere: the difference would help only an attacker. */
function invalid(): NorthstarError {
  return new NorthstarError(
    'ticket.invalid',
    'The ticket is unknown, expired, used before, or for another resource. Get a new one with POST /tickets.',
  );
}
