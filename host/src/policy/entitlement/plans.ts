import { z } from 'zod';
import type { DataFile } from '../../config/host-config.ts';
import { sha256OfJson } from '../../spine/digest.ts';
import { UsdAmount } from '../budget/usd.ts';
import { WINDOWS } from '../counter/window.ts';
import { readDataFile } from '../data-file.ts';
import { matchesScope, ScopePattern } from '../scope-pattern.ts';

const Quota = z.strictObject({
  window: z.enum(WINDOWS).describe('day and month are calendar ones in UTC; total never starts again.'),
  calls: z.number().int().min(0).max(1_000_000_000).describe('How many calls may run in one window.'),
  scopes: z.array(ScopePattern).min(1).max(100).default(['*']).describe('Which calls count; all of them if left out.'),
});

const Plan = z.strictObject({
  name: z.string().min(1).max(100),
  description: z.string().max(500).default(''),
  price_per_month: UsdAmount.default(0).describe('US dollars; what a checkout asks for.'),
  scopes: z
    .array(ScopePattern)
    .min(1)
    .max(1000)
    .describe('What the plan allows: scopes, namespaces (media_v2.*), or *.'),
  quotas: z.array(Quota).max(20).default([]),
});

/** What stands in `registry-data/plans.yaml`. */
export const PlansFile = z.strictObject({
  plans: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'lower-case letters, digits, _ or -'), Plan)
    .describe('By id, the smallest first: a refused caller is told the first one that would do.'),
});

export interface QuotaRule extends z.infer<typeof Quota> {
  /** Follows from window and scopes alone: whoever changes to a plan with a higher number keeps what was counted. */
  readonly id: string;
}

/** What a tenant may call, and how often. */
export interface EntitlementPlan extends Omit<z.infer<typeof Plan>, 'quotas'> {
  readonly id: string;
  readonly quotas: readonly QuotaRule[];
  /** Changes with what the plan holds: stands for its version in the policy version. */
  readonly digest: string;
}

/** The plans there are. Read once, at start. */
export class Plans {
  readonly #plans: ReadonlyMap<string, EntitlementPlan>;

  constructor(file: z.infer<typeof PlansFile>) {
    this.#plans = new Map(
      Object.entries(file.plans).map(([id, { quotas, ...plan }]) => [
        id,
        Object.freeze({
          id,
          ...plan,
          quotas: quotas.map((quota) => ({ ...quota, id: quotaId(quota) })),
          digest: sha256OfJson([plan.scopes, quotas]).slice(0, 16),
        }),
      ]),
    );
  }

  /** @throws ConfigError naming file, line and column of what is wrong. */
  static read(file: DataFile): Plans {
    return new Plans(readDataFile(file, PlansFile) ?? { plans: {} });
  }

  get(id: string): EntitlementPlan | undefined {
    return this.#plans.get(id);
  }

  /** The smallest first. */
  get all(): readonly EntitlementPlan[] {
    return [...this.#plans.values()];
  }
}

export function allowsScope({ scopes }: Pick<EntitlementPlan, 'scopes'>, action: string): boolean {
  return scopes.some((pattern) => matchesScope(pattern, action));
}

function quotaId({ window, scopes }: z.infer<typeof Quota>): string {
  return `${window}-${sha256OfJson([...scopes].sort()).slice(0, 16)}`;
}
