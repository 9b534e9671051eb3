import type { JsonObject } from '@northstar/sdk';
import { withinTime } from '../errors/within-time.ts';
import { SYSTEM_TENANT, type RequestContext, type Transport } from '../identity/request-context.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { HostMetrics } from '../telemetry/host-metrics.ts';
import { AUDIT_REFUSAL, AUDIT_REFUSALS } from './audit-record.ts';
import type { ChainOwner, DecisionLog } from './decision-log.ts';
import { sha256OfJson } from './digest.ts';
import { RefusalTally, type CountedRefusals } from './refusal-tally.ts';

/** A request that was refused before there was a scope to decide on. */
export interface RefusedRequest {
  /** A code of the error table. */
  readonly code: string;
  readonly transport: Transport;
  readonly requestId: string;
  /** What was asked for, as far as it was understood: a tool name, an MCP method. Cut to 200 characters. */
  readonly action?: string | undefined;
  /** HTTP method and path. Of the path only the digest is kept: it can hold anything, keys included. */
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  /** Ids that the sender stated. */
  readonly runId?: string | undefined;
  readonly stepId?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** A request whose sender is not known, or not proven. */
export interface RefusedStranger extends RefusedRequest {
  /** Address of the connection; behind a proxy that of the proxy. */
  readonly remote: string;
}

/** Milliseconds between two records about what was only counted. */
const INTERVAL_MS = 60_000;
/** Milliseconds that a refused sender waits for the record at most: it is refused in any case. */
const RECORD_TIMEOUT_MS = 2000;
const MAX_TEXT = 200;
/** Refusals that come because the host is busy: a record for each would make it busier. */
const isOverload = (code: string): boolean => code.startsWith('overload.');

/**
 * Records requests that were refused before policy could be asked. With a known caller each one goes on the chain of
 * the caller's tenant; without, on the host's own, where what a flood repeats is counted. Never rejects: what could
 * not be recorded is logged, and the request stays refused.
 */
export class RefusalLog {
  readonly #decisions: DecisionLog;
  readonly #logger: Logger;
  readonly #metrics: HostMetrics;
  readonly #strangers = new RefusalTally();
  /** Per chain, overload alone. */
  readonly #busy = new Map<string, { owner: ChainOwner; tally: RefusalTally }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(decisions: DecisionLog, logger: Logger, metrics: HostMetrics) {
    this.#metrics = metrics;
    this.#decisions = decisions;
    this.#logger = logger;
  }

  async ofCaller(context: RequestContext, refused: RefusedRequest): Promise<void> {
    this.#metrics.refused(refused.code);
    if (isOverload(refused.code) && !this.#admitBusy(context, refused.code)) return;
    const { actor } = context;
    await this.#write(refused.code, () =>
      this.#decisions.recordRefusal(context, {
        type: AUDIT_REFUSAL,
        subject: actor,
        data: {
          ...facts({ ...refused, ...context }),
          actor_type: actor.type,
          actor_id: actor.id,
          issuer: context.issuer,
          mode: context.mode,
          project_id: context.projectId,
        },
      }),
    );
  }

  async ofStranger(refused: RefusedStranger): Promise<void> {
    this.#metrics.refused(refused.code);
    this.#startInterval();
    const remote = refused.remote.slice(0, MAX_TEXT);
    if (!this.#strangers.admit(refused.code, remote)) return;
    await this.#write(refused.code, () =>
      this.#decisions.recordRefusal(HOST, {
        type: AUDIT_REFUSAL,
        subject: { type: 'remote', id: remote },
        data: { ...facts(refused), remote },
      }),
    );
  }

  /** Writes what was only counted so far; call it before the stores close. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const tallies = [{ owner: HOST, tally: this.#strangers }, ...this.#busy.values()];
    this.#busy.clear();
    await Promise.all(
      tallies.flatMap(({ owner, tally }) => tally.close().map((counted) => this.#writeCounted(owner, counted))),
    );
  }

  #admitBusy({ tenantId, mode }: RequestContext, code: string): boolean {
    this.#startInterval();
    const key = `${tenantId}/${mode}`;
    const entry = this.#busy.get(key) ?? { owner: { tenantId, mode }, tally: new RefusalTally() };
    this.#busy.set(key, entry);
    return entry.tally.admit(code, '*');
  }

  #startInterval(): void {
    this.#timer ??= setTimeout(() => void this.flush(), INTERVAL_MS).unref();
  }

  #writeCounted(owner: ChainOwner, { code, source, count, firstAt, lastAt }: CountedRefusals): Promise<void> {
    return this.#write(code, () =>
      this.#decisions.recordRefusal(owner, {
        type: AUDIT_REFUSALS,
        subject: { type: 'remote', id: source },
        data: { decision: 'deny', gate: 'request', code, remote: source, count, first_at: firstAt, last_at: lastAt },
      }),
    );
  }

  async #write(code: string, record: () => Promise<void>): Promise<void> {
    try {
      await withinTime(record(), RECORD_TIMEOUT_MS, { what: 'not recorded' });
    } catch (cause) {
      this.#logger.log('error', 'refusal not recorded', { code, ...errorFields(cause) });
    }
  }
}

/** The chain of nobody's tenant: it lives with the host's own records. */
const HOST: ChainOwner = { tenantId: SYSTEM_TENANT };

function facts(refused: RefusedRequest): JsonObject {
  const { code, transport, requestId, action, method, path } = refused;
  return {
    decision: 'deny',
    gate: 'request',
    code,
    transport,
    request_id: requestId,
    ...(action !== undefined && { action: action.slice(0, MAX_TEXT).toWellFormed() }),
    ...(method !== undefined && { method }),
    ...(path !== undefined && { path_digest: sha256OfJson(path) }),
    ...(refused.runId !== undefined && { run_id: refused.runId }),
    ...(refused.stepId !== undefined && { step_id: refused.stepId }),
    ...(refused.traceparent !== undefined && { traceparent: refused.traceparent }),
  };
}
