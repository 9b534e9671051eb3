import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuthConfig } from '../config/host-config.ts';
import type { View } from '../gateway/caller.ts';
import type { HttpGateway } from '../gateway/http-gateway.ts';
import type { CheckoutDesk } from '../billing/checkout-desk.ts';
import type { ConnectionStore } from '../identity/connection-store.ts';
import type { RequestContext } from '../identity/request-context.ts';
import type { RequestContextBuilder } from '../identity/request-context-builder.ts';
import type { TicketStore } from '../identity/ticket-store.ts';
import type { Logger } from '../log/logger.ts';
import type { MuscleControl } from '../muscles/enabled/muscle-control.ts';
import type { MuscleRegistry } from '../muscles/muscle-registry.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { PolicyStores } from '../policy/policy-stores.ts';
import type { DecisionLog } from '../spine/decision-log.ts';
import type { RefusalLog } from '../spine/refusal-log.ts';
import type { Routing } from '../routing/open-routing.ts';
import type { HostMetrics } from '../telemetry/host-metrics.ts';
import type { RoutedStores } from '../routing/routed-stores.ts';
import type { Refuser } from './refuser.ts';
import type { GuardConfig } from './request-guard.ts';

/** What the HTTP surface is built from. */
export interface HttpParts extends PolicyStores {
  readonly version: string;
  readonly auth: AuthConfig;
  readonly publicUrl?: string | undefined;
  readonly guard: GuardConfig;
  readonly bodyBytes: number;
  readonly defaultView: View;
  readonly logger: Logger;
  readonly contexts: RequestContextBuilder;
  readonly tickets: TicketStore;
  readonly connections: ConnectionStore;
  readonly registry: MuscleRegistry;
  readonly control: MuscleControl;
  readonly pipeline: Pipeline;
  readonly decisions: DecisionLog;
  readonly refusals: RefusalLog;
  readonly refuser: Refuser;
  readonly metrics: HostMetrics;
  readonly routing: Routing;
  readonly stores: Pick<RoutedStores, 'spine' | 'tabular' | 'engineOf'>;
  readonly checkout: CheckoutDesk;
  readonly gateway: HttpGateway;
}

/** One request whose caller is known. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly context: RequestContext;
  /** Parsed URL; the host part means nothing. */
  readonly url: URL;
  /** Named parts of the path. */
  readonly params: { readonly [name: string]: string };
}
