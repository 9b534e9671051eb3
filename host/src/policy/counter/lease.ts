import type { Change } from './counter-state.ts';

/** Room that a reservation asks for. */
export interface Want {
  readonly amount: number;
  readonly limit: number;
  /** Milliseconds since the epoch, for the case of a crash. */
  readonly expiresAt: number;
  /**
   * That the caller has just read the counter, and the `own` that it saw: such a caller may be served from what this
   * process has reserved ahead, because it would have seen a counter that was reset since.
   */
  readonly read?: { readonly own: number | undefined };
}

/** Calls that are reserved ahead at most. */
const MAX_CALLS = 128;
/** Of what is left under the limit at most this part, so that near the limit nothing is reserved ahead. */
const SHARE = 1000;
/** Milliseconds that what is reserved ahead outlives the reservation that it was taken with. */
const LASTS_MS = 1000;

/** What should be reserved ahead for callers like this one, where that much is left under the limit. */
function roomAhead({ amount, limit }: Want, used: number): number {
  const calls = Math.min(MAX_CALLS, Math.floor((limit - used) / SHARE / amount));
  return calls > 0 ? calls * amount : 0;
}

/**
 * Reserved in the store by this process, and not yet used by any of its calls: the limit counts it, so that it can be
 * handed out without another write.
 */
export class Lease {
  readonly since: number;
  readonly expiresAt: number;
  readonly #size: number;
  #room: number;
  #used = false;
  #latest: Want;

  constructor(want: Want, held: { since: number; room: number }) {
    this.#latest = want;
    this.since = held.since;
    this.expiresAt = want.expiresAt + LASTS_MS;
    this.#room = this.#size = held.room;
  }

  get room(): number {
    return this.#room;
  }

  /** The latest caller that was served; undefined when nobody was. */
  get servedLast(): Want | undefined {
    return this.#used ? this.#latest : undefined;
  }

  get isLow(): boolean {
    return this.#room * 2 < this.#size;
  }

  /** False where it does not cover the reservation: that one is written by itself. */
  take(want: Want): boolean {
    const { amount, limit, expiresAt, read } = want;
    const covered = read?.own === this.since && limit === this.#latest.limit && expiresAt <= this.expiresAt;
    if (!covered || amount > this.#room) return false;
    this.#room -= amount;
    this.#used = true;
    this.#latest = want;
    return true;
  }

  /** All that is left, which is then no longer here. */
  empty(): number {
    const room = this.#room;
    this.#room = 0;
    return room;
  }
}

/** A reservation for calls to come, in a write that is about to happen. */
interface Ahead {
  readonly want: Want;
  readonly change: Extract<Change, { kind: 'reserve' }>;
}

interface Holder {
  lease?: Lease | undefined;
}

/** What a write should reserve ahead, for callers like the latest one; undefined where all of it should go back. */
export function aheadOf(
  { lease }: Holder,
  changes: readonly Change[],
  { spent, reserved }: { spent: number; reserved: number },
): Ahead | undefined {
  const latest = changes.findLast((change) => change.kind === 'reserve');
  const want = (latest?.read && latest) ?? lease?.servedLast;
  if (want === undefined) return undefined;
  const wanted = changes.reduce((sum, change) => sum + (change.kind === 'reserve' ? change.amount : 0), 0);
  const room = roomAhead(want, spent + reserved + wanted);
  const amount = room - (lease?.room ?? 0);
  if (room === 0 || amount < 0) return undefined;
  return { want, change: { kind: 'reserve', amount, limit: want.limit, expiresAt: want.expiresAt + LASTS_MS } };
}

/** After the write. `since`: what it answered; undefined when it reserved nothing ahead. */
export function renew(holder: Holder, ahead: Ahead | undefined, since: number | undefined): void {
  const { lease } = holder;
  if (ahead === undefined || since === undefined) return;
  const left = lease?.since === since ? lease.empty() : 0;
  holder.lease = new Lease(ahead.want, { since, room: left + ahead.change.amount });
}

/** Ends the lease, and says what of it goes back. */
export function giveBack(holder: Holder): Extract<Change, { kind: 'release' }>[] {
  const { lease } = holder;
  holder.lease = undefined;
  const amount = lease?.empty() ?? 0;
  return lease && amount > 0 ? [{ kind: 'release', amount, since: lease.since }] : [];
}
