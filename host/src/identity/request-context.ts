import type { Mode } from '@northstar/sdk';

/** Tenant of the host itself: what is set here holds for every tenant. */
export const SYSTEM_TENANT = 't_system';

export interface Actor {
  readonly type: 'user' | 'agent';
  readonly id: string;
  readonly roles: readonly string[];
}

export type Transport = 'http' | 'mcp' | 'stdio' | 'cli';

/** Who calls, for whom, how. Built in one place for every transport, frozen, and free of credentials. */
export interface RequestContext {
  readonly requestId: string;
  readonly runId?: string;
  readonly stepId?: string;
  readonly traceparent?: string;
  readonly mode: Mode;
  readonly tenantId: string;
  readonly projectId: string;
  readonly appId?: string;
  readonly surfaceId?: string;
  readonly actor: Actor;
  /** Tenants that the issuer says the actor belongs to; absent where nobody authenticates. */
  readonly tenants?: readonly string[];
  /** Who vouched for the actor: a token's issuer, or `none`. */
  readonly issuer: string;
  readonly transport: Transport;
  /** Milliseconds since the epoch at which the token runs out; absent where nobody authenticates. */
  readonly expiresAt?: number;
}

/** How far clocks may be apart, for everything that asks whether a token has run out. */
export const CLOCK_TOLERANCE_MS = 5000;

export const OPERATOR_ROLE = 'operator';

export function isOperator(context: RequestContext): boolean {
  return context.actor.roles.includes(OPERATOR_ROLE);
}
