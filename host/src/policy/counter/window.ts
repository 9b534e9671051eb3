export const WINDOWS = ['day', 'month', 'total'] as const;
export type Window = (typeof WINDOWS)[number];

/** One turn of a window: a calendar day or month in UTC, or all time. */
export interface Period {
  /** `2026-11-20`, `2026-11` or `all`. */
  readonly id: string;
  /** When the next one begins, ISO 8601; absent for `total`, which never starts again. */
  readonly resetsAt?: string;
}

interface Known {
  readonly period: Period;
  /** Milliseconds since the epoch: its first moment, and that of the next one. */
  readonly from: number;
  readonly to: number;
}

const ALL_TIME: Period = Object.freeze({ id: 'all' });
/** The latest answer by window: a call asks several times, and dates are dear to write. */
const latest = new Map<Window, Known>();

/** The period that a moment (milliseconds since the epoch) lies in. */
export function periodOf(window: Window, now: number): Period {
  if (window === 'total') return ALL_TIME;
  let known = latest.get(window);
  if (known === undefined || now < known.from || now >= known.to) latest.set(window, (known = around(window, now)));
  return known.period;
}

function around(window: 'day' | 'month', now: number): Known {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const [from, to] =
    window === 'day'
      ? [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)]
      : [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)];
  const id = date.toISOString().slice(0, window === 'day' ? 10 : 7);
  return { period: Object.freeze({ id, resetsAt: new Date(to).toISOString() }), from, to };
}
