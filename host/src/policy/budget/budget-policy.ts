import type { Mode } from '@northstar/sdk';
import type { RequestContext } from '../../identity/request-context.ts';
import { sha256OfJson } from '../../spine/digest.ts';
import type { Window } from '../counter/window.ts';

/** What a budget covers. Whatever is absent covers all of its kind. */
export interface BudgetTarget {
  readonly surface?: string;
  readonly app?: string;
  readonly mode?: Mode;
  /** A muscle's id. */
  readonly tool_id?: string;
  readonly window: Window;
}

/** Says how much may be spent in a window. Every policy that covers a call applies to it. */
export interface BudgetPolicy extends BudgetTarget {
  /** Follows from what it covers, so a repeated policy replaces itself. */
  readonly policy_id: string;
  readonly threshold_micro_usd: number;
  readonly updated_by: string;
  readonly updated_at: string;
}

/** Where money is spent: a call, a reported usage, or what the ledger has added up. */
export interface Spender {
  readonly surface?: string | undefined;
  readonly app?: string | undefined;
  readonly mode: Mode;
  readonly toolId?: string | undefined;
}

export function budgetPolicyId({ surface, app, mode, tool_id, window }: BudgetTarget): string {
  return `bud_${sha256OfJson([surface ?? null, app ?? null, mode ?? null, tool_id ?? null, window]).slice(0, 24)}`;
}

export function spenderOf({ surfaceId, appId, mode }: RequestContext, toolId?: string): Spender {
  return { surface: surfaceId, app: appId, mode, toolId };
}

export function covers(policy: BudgetTarget, by: Spender): boolean {
  const fits = (wanted: string | undefined, is: string | undefined): boolean => wanted === undefined || wanted === is;
  return (
    fits(policy.surface, by.surface) &&
    fits(policy.app, by.app) &&
    fits(policy.mode, by.mode) &&
    fits(policy.tool_id, by.toolId)
  );
}
