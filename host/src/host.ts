import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CheckoutDesk } from './billing/checkout-desk.ts';
import { localBillingProvider } from './billing/local-billing-provider.ts';
import { ConfigError } from './config/config-error.ts';
import type { HostConfig } from './config/host-config.ts';
import type { View } from './gateway/caller.ts';
import { ChangeNotifier } from './gateway/change-notifier.ts';
import type { GatewayParts } from './gateway/gateway-parts.ts';
import { HttpGateway } from './gateway/http-gateway.ts';
import { listChanges } from './gateway/list-changes.ts';
import { ProtocolFaults } from './gateway/protocol-faults.ts';
import { SessionDirectory } from './gateway/sessions/session-directory.ts';
import { SessionStore } from './gateway/sessions/session-store.ts';
import { openStateKey } from './gateway/state-key.ts';
import { TenantBus } from './gateway/tenant-bus.ts';
import { createHttpServer } from './http/http-server.ts';
import { Refuser } from './http/refuser.ts';
import { ConnectionStore } from './identity/connection-store.ts';
import { RequestContextBuilder } from './identity/request-context-builder.ts';
import { TicketStore } from './identity/ticket-store.ts';
import type { TokenVerifier } from './identity/token-verifier.ts';
import type { Logger } from './log/logger.ts';
import type { MuscleControl } from './muscles/enabled/muscle-control.ts';
import { MUSCLE_STATES } from './muscles/muscle-status.ts';
import type { MuscleRegistry } from './muscles/muscle-registry.ts';
import { openMuscles } from './muscles/open-muscles.ts';
import { watchMuscles } from './muscles/watch/watch-muscles.ts';
import { CapabilityFactory } from './pipeline/capability-factory.ts';
import { ContextFactory } from './pipeline/context-factory.ts';
import { HostPulse } from './pipeline/jobs/host-pulse.ts';
import { JobDesk } from './pipeline/jobs/job-desk.ts';
import { JobStore } from './pipeline/jobs/job-store.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import { PriceBook } from './policy/budget/price-book.ts';
import { Plans } from './policy/entitlement/plans.ts';
import { GateChain } from './policy/gate-chain.ts';
import type { Gate } from './policy/gate.ts';
import { gatesInOrder } from './policy/gates-in-order.ts';
import { PolicyEngine } from './policy/policy-engine.ts';
import { openPolicyStores } from './policy/policy-stores.ts';
import { DecisionLog } from './spine/decision-log.ts';
import { RefusalLog } from './spine/refusal-log.ts';
import { Retention } from './spine/retention.ts';
import { notingStreams } from './spine/stream-notes.ts';
import { openRouting } from './routing/open-routing.ts';
import { CallTelemetry } from './telemetry/call-telemetry.ts';
import { HostMetrics } from './telemetry/host-metrics.ts';
import { observedStores } from './telemetry/observed-stores.ts';
import { OtlpExporter } from './telemetry/otlp-exporter.ts';
import { VERSION } from './version.ts';

/** A wired host. Nothing listens until `listen`. */
export interface Host {
  readonly registry: MuscleRegistry;
  readonly control: MuscleControl;
  readonly pipeline: Pipeline;
  readonly contexts: RequestContextBuilder;
  readonly notifier: ChangeNotifier;
  readonly gatewayParts: GatewayParts;
  readonly view: View;
  readonly sessions: SessionStore;
  /** Starts the HTTP server; resolves with its base URL. */
  listen(): Promise<string>;
  /** Stops taking calls, ends streams, disposes muscles and closes the stores. */
  close(): Promise<void>;
}

export interface HostOptions {
  readonly logger: Logger;
  /** Replaces the gates; for tests that need a chain that allows or denies everything. */
  readonly gates?: readonly Gate[];
}

/** The composition root: opens the stores, loads the muscles and wires every part to the next. */
export async function createHost(config: HostConfig, { logger, gates }: HostOptions): Promise<Host> {
  // First of all: a wrong file must not leave anything open.
  const files = { prices: PriceBook.read(config.priceBook), plans: Plans.read(config.plans) };
  const routing = await openRouting(config, logger);
  const { changes } = routing;
  const metrics = new HostMetrics();
  const observed = observedStores(routing.stores, metrics);
  const { retention: retained } = config;
  const stores = retained ? { ...observed, spine: notingStreams(observed, retained) } : observed;
  const retention = retained && new Retention(retained, { ...observed, logger });
  const exporter = config.traces && new OtlpExporter(config.traces, { version: VERSION, logger });
  const policyStores = openPolicyStores(stores.tabular, files);
  const tickets = new TicketStore(stores.tabular);
  const decisions = new DecisionLog(stores);
  const refusals = new RefusalLog(decisions, logger, metrics);
  const chain = new GateChain(gates ?? gatesInOrder(policyStores));
  const policy = new PolicyEngine({ chain, decisions, logger, metrics });

  const { registry, control } = openMuscles(config, { records: stores.tabular, changes, logger });
  const bus = new TenantBus();
  const sessions = new SessionStore(config.limits);
  const notifier = new ChangeNotifier({ bus, sessions, changes, logger });
  const jobs = new JobDesk({
    store: new JobStore(stores),
    pulse: new HostPulse(stores.tabular),
    changes,
    logger,
    limit: config.limits.jobs,
  });
  const contexts = new ContextFactory({
    jobs,
    policy,
    capabilities: new CapabilityFactory(stores),
    logger,
    resourceUpdated: (tenantId, uri) => notifier.resourceUpdated(tenantId, uri),
  });
  const telemetry = new CallTelemetry(metrics, exporter);
  const pipeline = new Pipeline({
    policy,
    decisions,
    refusals,
    contexts,
    telemetry,
    jobs,
    logger,
    limits: config.limits,
  });
  const builder = new RequestContextBuilder(await tokenVerifier(config));
  const view: View = { toolNames: config.toolNames, errorStyle: config.errorStyle, overHttp: true };
  const gatewayParts: GatewayParts = {
    snapshot: () => registry.current,
    pipeline,
    refusals,
    faults: new ProtocolFaults(refusals),
    version: VERSION,
    inlineBytes: config.limits.inlineBytes,
    listedTools: config.listedTools,
    stateKey: await openStateKey(stores.tabular),
  };
  const directory = new SessionDirectory(stores.tabular, config.limits.sessionIdleMs);
  const shared = routing.shared ? { directory, changes } : undefined;
  const gateway = new HttpGateway({ ...gatewayParts, bus, sessions, shared, logger, limits: config.limits });
  let before = registry.current;
  registry.onChange((after) => {
    for (const kind of listChanges(before, after)) notifier.listChanged(kind);
    before = after;
  });
  showGauges(metrics, { pipeline, registry, sessions });
  await jobs.markInterrupted({ alone: !routing.shared });
  await tickets.removeExpired();
  await control.start();
  const watching = await watchMuscles(config, { registry, control, logger });
  retention?.start();

  const server = createHttpServer({
    version: VERSION,
    auth: config.auth,
    publicUrl: config.publicUrl,
    guard: config,
    bodyBytes: config.limits.bodyBytes,
    defaultView: view,
    logger,
    contexts: builder,
    tickets,
    connections: new ConnectionStore(stores.tabular),
    registry,
    control,
    pipeline,
    decisions,
    refusals,
    metrics,
    refuser: new Refuser({ refusals, logger, ...config }),
    stores,
    routing,
    ...policyStores,
    checkout: new CheckoutDesk({ records: stores.tabular, ...policyStores, provider: localBillingProvider() }),
    gateway,
  });
  return {
    registry,
    control,
    pipeline,
    contexts: builder,
    notifier,
    gatewayParts,
    view,
    sessions,
    listen: () => listen(server, config),
    close: async () => {
      await watching.close();
      await gateway.close();
      await closeServer(server);
      await jobs.close();
      await pipeline.drain();
      await registry.close();
      await policyStores.counters.flush();
      // What reports add up. What limits is counted already.
      await policyStores.ledger.flush().catch(() => undefined);
      await refusals.flush();
      await retention?.close();
      // A checkpoint that fails is no reason to leave the stores open; the next start writes a further one.
      await decisions.flush().catch(() => undefined);
      await exporter?.flush();
      await routing.close();
    },
  };
}

/** Loaded only where tokens are checked: its library takes a tenth of the time that the host needs to start. */
async function tokenVerifier({ auth }: HostConfig): Promise<TokenVerifier | undefined> {
  if (auth.kind !== 'jwt') return undefined;
  const { createTokenVerifier } = await import('./identity/token-verifier.ts');
  return createTokenVerifier(auth);
}

function showGauges(metrics: HostMetrics, parts: Pick<Host, 'pipeline' | 'registry' | 'sessions'>): void {
  const { pipeline, registry, sessions } = parts;
  const inFlight = { name: 'northstar_calls_in_flight', help: 'Calls that run now.' };
  metrics.gauge(inFlight, () => ({ all: pipeline.inFlight }));
  metrics.gauge({ name: 'northstar_sessions', help: 'Open MCP sessions of this host.' }, () => ({
    all: sessions.size,
  }));
  const muscles = { name: 'northstar_muscles', help: 'Muscles by state.', label: 'state' };
  metrics.gauge(muscles, () => {
    const counts: Record<string, number> = Object.fromEntries(MUSCLE_STATES.map((state) => [state, 0]));
    for (const { state } of registry.statuses) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  });
}

function listen(server: Server, { host, port }: HostConfig): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new ConfigError([`Port ${port} on ${host} is taken; set NORTHSTAR_PORT to another, or 0 for any free one.`])
          : error,
      );
    });
    server.listen(port, host, () => {
      const { port: actual } = server.address() as AddressInfo;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actual}`);
    });
  });
}

/** Milliseconds for running requests to finish before their connections are cut. */
const CLOSE_GRACE_MS = 2000;

function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
