/** What a tenant wants to buy. */
export interface CheckoutOrder {
  readonly session_id: string;
  readonly tenant_id: string;
  readonly plan: string;
  readonly plan_name: string;
  /** Micro-dollars a month. */
  readonly price_micro_usd: number;
}

/**
 * Where tenants pay. The host asks and is never told: a notification of the provider is only a reason to complete the
 * session, which asks `isPaid` again, so that a forged one gains nothing.
 */
export interface BillingProvider {
  readonly name: string;
  /** Whether an operator of the system tenant says that an order is paid, instead of the provider. */
  readonly confirmedByOperator: boolean;
  /** Opens a checkout. `url` is where the customer pays; `reference` is the provider's own id of it. */
  open(order: CheckoutOrder): Promise<{ url: string; reference: string }>;
  isPaid(reference: string): Promise<boolean>;
}
