import { z } from 'zod';

/**
 * Kinds of event streams that may be forgotten after a while. The audit chain is none of them: it is proven from its
 * first record on.
 */
export const RETAINED_KINDS = ['open', 'safety', 'versions', 'muscle'] as const;
export type RetainedKind = (typeof RETAINED_KINDS)[number];

/** What is kept of each stream of a kind; where both are given, the stricter one counts. The newest event always stays. */
export interface KeepRule {
  readonly days?: number | undefined;
  /** Events at most. */
  readonly events?: number | undefined;
}

export interface RetentionConfig {
  readonly rules: { readonly [kind in RetainedKind]?: KeepRule | undefined };
  /** Milliseconds between two rounds. */
  readonly everyMs: number;
}

const rule = z
  .strictObject({ days: z.number().positive().optional(), events: z.int().min(1).max(1_000_000).optional() })
  .refine(({ days, events }) => days !== undefined || events !== undefined, 'give days, events or both');

const Retention = z.strictObject({
  open: rule.optional(),
  safety: rule.optional(),
  versions: rule.optional(),
  muscle: rule.optional(),
  every_minutes: z
    .number()
    .positive()
    .max(7 * 24 * 60)
    .default(60),
});

/** The value of NORTHSTAR_RETENTION; undefined where nothing is to be forgotten. A wrong one is told in `problems`. */
export function readRetention(value: string | undefined, problems: string[]): RetentionConfig | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const parsed = Retention.safeParse(jsonOf(value));
  if (parsed.success) {
    const { every_minutes, ...rules } = parsed.data;
    return { rules, everyMs: every_minutes * 60_000 };
  }
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'value'}: ${message}`);
  problems.push(
    `NORTHSTAR_RETENTION is not of the form {"open":{"days":30},"safety":{"days":365}} (${issues.join('; ')}). ` +
      'The audit chain cannot be in it: it is proven from its first record on.',
  );
  return undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
