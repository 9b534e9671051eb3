import { randomUUID } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { RequestContext } from '../identity/request-context.ts';
import { sellingPartition, type EntitlementStore } from '../policy/entitlement/entitlement-store.ts';
import type { Plans } from '../policy/entitlement/plans.ts';
import { StoreError } from '../stores/store-error.ts';
import type { TabularRecord, TabularStore } from '../stores/tabular-store.ts';
import type { BillingProvider } from './billing-provider.ts';

export interface CheckoutSession {
  readonly session_id: string;
  readonly tenant_id: string;
  readonly plan: string;
  readonly provider: string;
  /** Where to pay. */
  readonly url: string;
  readonly reference: string;
  readonly status: 'open' | 'completed';
  readonly created_by: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly completed_at?: string;
}

export interface CheckoutParts {
  readonly records: TabularStore;
  readonly plans: Plans;
  readonly entitlements: EntitlementStore;
  readonly provider: BillingProvider;
}

const keyOf = (sessionId: string): string => `checkout/${sessionId}`;
const OPEN_FOR_MS = 24 * 3_600_000;

/** Sells plans: opens a session with the provider, and assigns the plan once it is paid, from the next call on. */
export class CheckoutDesk {
  readonly #parts: CheckoutParts;

  constructor(parts: CheckoutParts) {
    this.#parts = parts;
  }

  get confirmedByOperator(): boolean {
    return this.#parts.provider.confirmedByOperator;
  }

  /** For the tenant and mode of the caller. */
  async open(buyer: RequestContext, planId: string): Promise<CheckoutSession> {
    const { plans, provider, records } = this.#parts;
    const plan = plans.get(planId);
    if (plan === undefined) throw unknownPlan(plans, planId);
    const session_id = `cs_${randomUUID()}`;
    const now = Date.now();
    const place = await provider
      .open({
        ...{ session_id, tenant_id: buyer.tenantId, plan: planId, plan_name: plan.name },
        price_micro_usd: plan.price_per_month,
      })
      .catch((cause: unknown) => {
        throw unavailable(cause);
      });
    const session: CheckoutSession = {
      ...{ session_id, tenant_id: buyer.tenantId, plan: planId, provider: provider.name, ...place },
      status: 'open',
      created_by: buyer.actor.id,
      created_at: new Date(now).toISOString(),
      expires_at: new Date(now + OPEN_FOR_MS).toISOString(),
    };
    await records.put(sellingPartition(buyer), keyOf(session_id), session as unknown as Json, { ifVersion: 'absent' });
    return session;
  }

  /** @throws NorthstarError `billing.session_not_found`, for the session of another tenant too. */
  async get(caller: RequestContext, sessionId: string): Promise<CheckoutSession> {
    const session = (await this.#record(caller, sessionId))?.value as unknown as CheckoutSession | undefined;
    if (session?.tenant_id !== caller.tenantId) throw notFound(sessionId);
    return session;
  }

  /** Assigns the plan of a paid session of any tenant in the caller's mode; once. */
  async complete(caller: RequestContext, sessionId: string): Promise<CheckoutSession> {
    const { entitlements, plans, provider, records } = this.#parts;
    const record = await this.#record(caller, sessionId);
    if (record === undefined) throw notFound(sessionId);
    const session = record.value as unknown as CheckoutSession;
    if (session.status !== 'open' || !(Date.parse(session.expires_at) > Date.now())) throw closed(session);
    if (plans.get(session.plan) === undefined) throw unknownPlan(plans, session.plan);
    const paid = await provider.isPaid(session.reference).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (!paid)
      throw new NorthstarError('billing.not_paid', `${provider.name} has no payment for ${sessionId} yet; pay first.`);
    // The plan first: a host that dies in between leaves a session that can be completed again, not one paid for nothing.
    const audience = { tenantId: session.tenant_id, mode: caller.mode };
    const { assigned_at } = await entitlements.assign(audience, session.plan, `${provider.name}:${caller.actor.id}`);
    const completed: CheckoutSession = { ...session, status: 'completed', completed_at: assigned_at };
    try {
      await records.put(sellingPartition(caller), keyOf(sessionId), completed as unknown as Json, {
        ifVersion: record.version,
      });
    } catch (error) {
      // Somebody else completed it at the same time, with the same plan.
      if (!(error instanceof StoreError && error.code === 'conflict')) throw error;
    }
    return completed;
  }

  async #record({ mode }: RequestContext, sessionId: string): Promise<TabularRecord | undefined> {
    return this.#parts.records.get(sellingPartition({ mode }), keyOf(sessionId));
  }
}

export function unknownPlan(plans: Plans, planId: string): NorthstarError {
  const known = plans.all.map(({ id }) => id).join(', ') || 'none: this host has no plans file (NORTHSTAR_PLANS)';
  return new NorthstarError('entitlement.unknown_plan', `There is no plan ${planId}. Plans are: ${known}.`);
}

function notFound(sessionId: string): NorthstarError {
  return new NorthstarError(
    'billing.session_not_found',
    `No checkout session ${sessionId.slice(0, 60)} exists in this tenant; POST /billing/checkout-session opens one.`,
  );
}

function closed({ session_id, status }: CheckoutSession): NorthstarError {
  return new NorthstarError(
    'billing.session_closed',
    `The checkout session ${session_id} is ${status === 'open' ? 'expired' : status}; open a new one.`,
  );
}

function unavailable(cause: unknown): NorthstarError {
  return new NorthstarError('billing.unavailable', 'The billing provider did not answer. Try again.', { cause });
}
