import type { Json } from '@northstar/sdk';
import type { BudgetPolicy, Spender } from '../budget/budget-policy.ts';
import { spenderOf } from '../budget/budget-policy.ts';
import { budgetPartition, type BudgetStore, type CoveringPolicy } from '../budget/budget-store.ts';
import type { PriceBook } from '../budget/price-book.ts';
import type { UsageLedger } from '../budget/usage-ledger.ts';
import { toUsd } from '../budget/usd.ts';
import type { CounterReading, CounterRef, Counters } from '../counter/counters.ts';
import { reserveAll, type Place } from '../counter/reserve-all.ts';
import { periodOf } from '../counter/window.ts';
import type { Claim, Deny, Gate, PolicyQuestion } from '../gate.ts';
import type { Hold } from '../hold.ts';
import type { PolicyRecord } from '../policy-record.ts';

export interface BudgetParts {
  readonly budgets: BudgetStore;
  readonly counters: Counters;
  readonly ledger: UsageLedger;
  readonly prices: PriceBook;
}

/** A policy that covers the call, and what stands against it. */
interface Standing extends CoveringPolicy {
  readonly ref: CounterRef;
  readonly reading: CounterReading;
}

/**
 * Denies what a budget has no money left for. Every policy that covers the call must have room for its price; the price
 * is reserved before the handler starts, spent when it succeeds, and given back when it fails.
 */
export function budgetGate(parts: BudgetParts): Gate {
  const { budgets, counters, prices } = parts;
  return {
    name: 'budget',
    async decide(question) {
      const { context, toolId, action } = question;
      const price = prices.priceOf(action);
      const covering = await budgets.covering(context, toolId);
      if (covering.length === 0 && context.mode !== 'lab') return missing(question);
      const standings = await Promise.all(
        covering.map(async (policy): Promise<Standing> => {
          const ref = budgets.counterOf(context, policy);
          return { ...policy, ref, reading: await counters.read(ref) };
        }),
      );
      const records = standings.flatMap(recordsOf);
      const full = standings.find(
        ({ policy, reading }) => reading.spent + reading.reserved + price > policy.threshold_micro_usd,
      );
      if (full) return { ...exceeded(question, full, price), records };
      if (question.inner) return { allow: true, records };
      return { allow: true, records, claim: claimOf(parts, { question, standings, price }) };
    },
  };
}

function claimOf(
  { counters, ledger }: BudgetParts,
  { question, standings, price }: { question: PolicyQuestion; standings: readonly Standing[]; price: number },
): Claim {
  const { context, toolId, timeoutMs } = question;
  return async () => {
    const places = standings.map(({ ref, reading, policy }): Place => ({
      ref,
      reading,
      amount: price,
      limit: policy.threshold_micro_usd,
    }));
    const taken = await reserveAll(counters, places, timeoutMs);
    if ('full' in taken) {
      const standing = standings[taken.full]!;
      return exceeded(question, { ...standing, reading: await counters.read(standing.ref) }, price);
    }
    const by: Spender = spenderOf(context, toolId);
    let ended = false;
    return {
      async end(outcome): Promise<void> {
        if (ended) return;
        ended = true;
        if (outcome !== 'succeeded') return taken.release();
        ledger.note(budgetPartition(context), { by, microUsd: price, calls: 1 });
        taken.settle();
      },
    } satisfies Hold;
  };
}

function exceeded(question: PolicyQuestion, { policy, owner, reading }: Standing, price: number): Deny {
  const { action, context } = question;
  const { window, threshold_micro_usd } = policy;
  const { id: period, resetsAt } = periodOf(window, Date.now());
  const left = Math.max(0, threshold_micro_usd - reading.spent - reading.reserved);
  const again =
    resetsAt === undefined ? 'It does not start again by itself.' : `A new ${window} begins at ${resetsAt}.`;
  return {
    allow: false,
    code: 'budget.threshold_exceeded',
    message:
      `budget.threshold_exceeded: ${action} costs ${toUsd(price)} USD, and the ${window} budget of ${toUsd(threshold_micro_usd)} USD for ${scopeOf(policy, context.tenantId)} has ${toUsd(left)} USD left. ` +
      `${again} Do not retry before; ask an operator to raise it: PUT /budget/policy.`,
    details: {
      action_name: action,
      policy_id: policy.policy_id,
      set_by_tenant: owner,
      window,
      period,
      currency: 'USD',
      threshold: toUsd(threshold_micro_usd),
      spent: toUsd(reading.spent),
      reserved: toUsd(reading.reserved),
      cost: toUsd(price),
      ...(resetsAt !== undefined && { resets_at: resetsAt }),
    },
  };
}

function missing({ action, toolId, context }: PolicyQuestion): Deny {
  return {
    allow: false,
    code: 'budget.threshold_missing',
    message:
      `budget.threshold_missing: no budget covers ${action} for tenant ${context.tenantId}, and ${context.mode} runs nothing without one. ` +
      'Do not retry yet; ask an operator to set one: PUT /budget/policy {"window":"month","threshold":10,"currency":"USD"}.',
    details: { action_name: action, tool_id: toolId, mode: context.mode },
  };
}

/** What a policy covers, for people. */
function scopeOf({ surface, app, mode, tool_id }: BudgetPolicy, tenantId: string): string {
  const parts = [
    tool_id && `tool ${tool_id}`,
    surface && `surface ${surface}`,
    app && `app ${app}`,
    mode && `mode ${mode}`,
    `tenant ${tenantId}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function recordsOf({ policy, owner, version, ref, reading }: Standing): PolicyRecord[] {
  const { spent, reserved } = reading;
  return [
    { kind: 'budget_policy', id: `${owner}/${policy.policy_id}`, version, value: policy as unknown as Json },
    {
      kind: 'budget_usage',
      id: ref.key,
      version: reading.version,
      value: { spent: toUsd(spent), reserved: toUsd(reserved), currency: 'USD' },
      state: true,
    },
  ];
}
