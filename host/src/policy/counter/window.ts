export const WINDOWS = ['day', 'month', 'total'] as const;
export type Window = (typeof WINDOWS)[number];

/** One turn of a window: a calendar day or month in UTC, or all time. */
export interface Period {
  /** `2026-11-20`, `2026-11` or `all`. */
  readonly id: string;
  /** When the next one begins, ISO 8601; absent for `total`, which never starts again. */
  readonly resetsAt?: string;
}

/** The period that a moment (milliseconds since the epoch) lies in. */
export function periodOf(window: Window, now: number): Period {
  if (window === 'total') return { id: 'all' };
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const next = window === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1);
  return { id: date.toISOString().slice(0, window === 'day' ? 10 : 7), resetsAt: new Date(next).toISOString() };
}
