import type { Json } from '@northstar/sdk';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { SYSTEM_TENANT, type RequestContext } from '../../identity/request-context.ts';
import { readMany } from '../../stores/read-many.ts';
import type { Partition, TabularRecord, TabularStore } from '../../stores/tabular-store.ts';
import { changeRecord } from '../change-record.ts';
import type { Counters } from '../counter/counters.ts';
import { type CounterRef } from '../counter/counters.ts';
import { periodOf } from '../counter/window.ts';
import { budgetPolicyId, covers, spenderOf, type BudgetPolicy, type BudgetTarget } from './budget-policy.ts';
import type { UsageLedger } from './usage-ledger.ts';

/** Whose budget: the tenant's, in the engine that is routed for its mode. */
export type BudgetAudience = Pick<RequestContext, 'tenantId' | 'mode'>;

export function budgetPartition({ tenantId, mode }: BudgetAudience): Partition {
  return { tenantId, kind: 'budget_store', mode };
}

/** A policy that covers a call, and who set it. */
export interface CoveringPolicy {
  readonly policy: BudgetPolicy;
  /** The tenant itself, or the system tenant, whose policies hold for every tenant. */
  readonly owner: string;
  /** Store version of the record that it stands in. */
  readonly version: string;
}

/** One record for each tool, and one for all tools: a call needs no more than these two. */
type PolicyList = { policies: BudgetPolicy[] };
const keyOf = (toolId: string | undefined): string => `policies/${toolId ?? '*'}`;
/** More in one record would make every call read them all. */
const MAX_POLICIES = 200;

/** Budget policies of each tenant. Those of the system tenant hold for every tenant, each counted by itself. */
export class BudgetStore {
  readonly #records: TabularStore;
  readonly #counters: Counters;
  readonly #ledger: UsageLedger;
  readonly #now: () => number;

  constructor(records: TabularStore, parts: { counters: Counters; ledger: UsageLedger; now?: () => number }) {
    this.#records = records;
    this.#counters = parts.counters;
    this.#ledger = parts.ledger;
    this.#now = parts.now ?? Date.now;
  }

  /** What was spent in the running period before there was a policy counts as well. */
  async set(audience: BudgetAudience, policy: Omit<BudgetPolicy, 'policy_id'>): Promise<BudgetPolicy> {
    const stored: BudgetPolicy = { policy_id: budgetPolicyId(policy), ...policy };
    const known = (await this.list(audience)).some(({ policy_id }) => policy_id === stored.policy_id);
    // The system's policies are counted by each tenant alone, from its first call on.
    if (!known && audience.tenantId !== SYSTEM_TENANT) await this.#startCounter(audience, stored);
    await changeRecord<PolicyList>(this.#records, this.#ref(audience, policy.tool_id), (before) => {
      const others = (before?.policies ?? []).filter(({ policy_id }) => policy_id !== stored.policy_id);
      if (others.length >= MAX_POLICIES)
        throw new NorthstarError(
          'request.invalid',
          `${policy.tool_id ?? 'All tools together'} has ${MAX_POLICIES} budget policies, as many as fit; remove one first.`,
        );
      return { policies: [...others, stored] };
    });
    return stored;
  }

  async remove(audience: BudgetAudience, target: BudgetTarget): Promise<void> {
    const id = budgetPolicyId(target);
    await changeRecord<PolicyList>(this.#records, this.#ref(audience, target.tool_id), (before) => {
      const policies = before?.policies.filter(({ policy_id }) => policy_id !== id) ?? [];
      if (policies.length === (before?.policies.length ?? 0))
        throw new NorthstarError(
          'budget.policy_not_found',
          'No budget policy covers exactly this; GET /budget/policy lists them.',
        );
      return { policies };
    });
  }

  async list(audience: BudgetAudience): Promise<BudgetPolicy[]> {
    const found: BudgetPolicy[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#records.list<PolicyList & Json>(budgetPartition(audience), {
        prefix: 'policies/',
        ...(cursor && { cursor }),
      });
      found.push(...page.items.flatMap(({ value }) => value.policies));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  }

  /** Every policy that covers what a caller does with a tool, or does without any. */
  async covering(context: RequestContext, toolId: string | undefined): Promise<CoveringPolicy[]> {
    const owners = [...new Set([context.tenantId, SYSTEM_TENANT])];
    const keys = [...new Set([keyOf(toolId), keyOf(undefined)])];
    const by = spenderOf(context, toolId);
    const found = await Promise.all(
      owners.map(async (owner) => {
        const records = await readMany(this.#records, budgetPartition({ tenantId: owner, mode: context.mode }), keys);
        return records.flatMap((record) =>
          policiesIn(record)
            .filter((policy) => covers(policy, by))
            .map((policy) => ({ policy, owner, version: record!.version })),
        );
      }),
    );
    return found.flat();
  }

  /** Where the spending of a tenant under a policy is counted, in the period that runs now. */
  counterOf(audience: BudgetAudience, { policy, owner }: Pick<CoveringPolicy, 'policy' | 'owner'>): CounterRef {
    const by = owner === SYSTEM_TENANT ? 'system' : 'own';
    const period = periodOf(policy.window, this.#now()).id;
    return { at: budgetPartition(audience), key: `counters/${by}/${policy.policy_id}/${period}` };
  }

  async #startCounter(audience: BudgetAudience, policy: BudgetPolicy): Promise<void> {
    const cells = await this.#ledger.cells(budgetPartition(audience), policy.window);
    const spent = cells
      .filter((cell) => covers(policy, { ...cell, toolId: cell.tool_id }))
      .reduce((sum, { micro_usd }) => sum + micro_usd, 0);
    await this.#counters.start(this.counterOf(audience, { policy, owner: audience.tenantId }), spent);
  }

  #ref(audience: BudgetAudience, toolId: string | undefined): { at: Partition; key: string } {
    return { at: budgetPartition(audience), key: keyOf(toolId) };
  }
}

/** @throws Error when the record is not one of policies: then nobody knows what it allows. */
function policiesIn(record: TabularRecord | undefined): BudgetPolicy[] {
  if (record === undefined) return [];
  const { policies } = record.value as unknown as PolicyList;
  if (!policies.every((policy) => Number.isSafeInteger(policy.threshold_micro_usd)))
    throw new Error('a stored budget policy has no threshold');
  return policies;
}
