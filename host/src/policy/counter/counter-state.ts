import type { Json } from '@northstar/sdk';
import type { Want } from './lease.ts';

/** What calls in progress have reserved through one process. */
export interface Holder {
  readonly held: number;
  /** Milliseconds since the epoch after which a process that says nothing any more is taken for dead. */
  readonly expires_at: number;
  /** When this entry began. A process that was taken for dead begins a new one, with nothing held. */
  readonly since: number;
  /** Number of the process's last write in it: tells whether a write of unknown outcome happened. */
  readonly write: number;
}

/** The record of one counter. Amounts are whole numbers: micro-dollars, or calls. */
export interface CounterState {
  readonly spent: number;
  readonly holders: { readonly [process: string]: Holder };
}

export const EMPTY_COUNTER: CounterState = { spent: 0, holders: {} };

export type Change =
  /** Taken only if `spent` and everything reserved stay within the limit with it. */
  | ({ readonly kind: 'reserve' } & Want)
  /** Turns a reservation into what was spent. `since`: what the reservation was answered with. */
  | { readonly kind: 'settle'; readonly amount: number; readonly since: number }
  /** Gives a reservation back. */
  | { readonly kind: 'release'; readonly amount: number; readonly since: number }
  /** Counts what was spent already, whatever the limit. */
  | { readonly kind: 'add'; readonly amount: number };

export interface Applied {
  readonly state: CounterState;
  /** For each change the `since` of the entry that it went into; undefined: a reservation that the limit refused. */
  readonly results: readonly (number | undefined)[];
  /** The process's own entry afterwards. */
  readonly mine: Holder;
}

/** Milliseconds that an entry without reservations is kept: longer than any write is retried. */
const REMEMBERED_MS = 60_000;

/** Spent and reserved now. What a dead process had reserved no longer counts. */
export function usedOf({ spent, holders }: CounterState, now: number): { spent: number; reserved: number } {
  const live = Object.values(holders).filter(({ expires_at }) => expires_at > now);
  return { spent, reserved: live.reduce((sum, { held }) => sum + held, 0) };
}

/** Applies changes of one process in order. Entries of processes that are taken for dead are dropped. */
export function applyChanges(
  state: CounterState,
  changes: readonly Change[],
  by: { process: string; now: number },
): Applied {
  const live = Object.entries(state.holders).filter(([, { expires_at }]) => expires_at > by.now);
  const before = live.find(([id]) => id === by.process)?.[1];
  const others = live.filter(([id]) => id !== by.process);
  const elsewhere = others.reduce((sum, [, { held }]) => sum + held, 0);
  const since = before?.since ?? by.now;
  let { spent } = state;
  let held = before?.held ?? 0;
  let expires = Math.max(before?.expires_at ?? 0, by.now + REMEMBERED_MS);
  const results = changes.map((change) => {
    const { kind, amount } = change;
    if (kind === 'reserve') {
      if (spent + elsewhere + held + amount > change.limit) return undefined;
      held += amount;
      expires = Math.max(expires, change.expiresAt);
      return since;
    }
    // A reservation of an entry that was dropped is not among what is held now.
    if ('since' in change && change.since === since) held -= amount;
    if (kind !== 'release') spent = Math.min(spent + amount, Number.MAX_SAFE_INTEGER);
    return since;
  });
  const mine = { held, expires_at: expires, since, write: (before?.write ?? 0) + 1 };
  return { state: { spent, holders: { ...Object.fromEntries(others), [by.process]: mine } }, results, mine };
}

/** Reads a stored counter. @throws Error for anything else: a counter that cannot be understood must not count as 0. */
export function readCounter(value: Json): CounterState {
  const { spent, holders } = (value ?? {}) as unknown as Partial<CounterState>;
  const whole = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  const sound =
    whole(spent) &&
    typeof holders === 'object' &&
    holders !== null &&
    Object.values(holders).every((entry) => [entry?.held, entry?.expires_at, entry?.since, entry?.write].every(whole));
  if (!sound) throw new Error('a stored counter holds something else');
  return { spent: spent!, holders };
}
