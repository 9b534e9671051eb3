import { createHash, randomUUID } from 'node:crypto';
import type { Effects, JsonObject, Mode } from '@northstar/sdk';
import type { RequestContext } from '../identity/request-context.ts';
import type { EventSpine } from '../stores/event-spine.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import { AuditChain, type ChainEntry, type ChainParts } from './audit-chain.ts';
import { CheckpointWriter, EMBEDDED, type EngineOf } from './audit-checkpoint.ts';
import { noteAuditChain } from './audit-chains.ts';
import { auditStream, HOST_CHAIN } from './audit-record.ts';

/** What is recorded about, the part of a policy question that the log needs. */
export interface DecisionFacts {
  readonly context: RequestContext;
  readonly action: string;
  readonly toolId: string;
  readonly effects: Effects;
  readonly subject?: { readonly type: string; readonly id: string };
  readonly toolDigest: string;
  readonly argumentDigest: string;
}

export interface Subject {
  readonly type: string;
  readonly id: string;
}

export interface Decision {
  readonly allowed: boolean;
  readonly gate?: string;
  readonly code?: string;
  /** Names the policy records that were read; absent where policy was not asked. */
  readonly policyVersion?: string;
}

/** Whose chain: a tenant's of one mode. Without a mode it is the host's own, and the tenant is the system's. */
export interface ChainOwner {
  readonly tenantId: string;
  readonly mode?: Mode;
}

/** Chains that are kept in memory. An idle one costs a read of its head when it is needed again. */
const MAX_CHAINS = 1000;

/**
 * Writes every decision twice, in one append: a SAFETY_DECISION on the subject's stream, and a record in the tenant's
 * audit chain.
 */
export class DecisionLog {
  readonly #parts: ChainParts;
  readonly #chains = new Map<string, AuditChain>();

  constructor(stores: { spine: EventSpine; tabular: TabularStore; engineOf?: EngineOf; now?: () => number }) {
    const { spine, tabular, engineOf = () => EMBEDDED, now = Date.now } = stores;
    this.#parts = { spine, tabular, engineOf, now, checkpoints: new CheckpointWriter(tabular) };
  }

  /** Resolves when both are durable. `latencyUs` is the time that policy took. */
  async record(facts: DecisionFacts, decision: Decision, latencyUs: number): Promise<void> {
    const subject = facts.subject ?? facts.context.actor;
    const data = decisionRecord(facts, decision, latencyUs);
    await this.#appendBoth(facts.context, { type: 'audit.decision', subject, data });
  }

  /** Notes a request that was refused before there was anything to decide on. Resolves when it is durable. */
  async recordRefusal(owner: ChainOwner, refusal: { type: string; subject: Subject; data: JsonObject }): Promise<void> {
    await this.#appendBoth(owner, refusal);
  }

  /**
   * Notes what someone is about to do to the control plane, allowed or not. Resolves when it is durable.
   *
   * @param subject `operation` is method and path; further members name what it is about, and hold no secret.
   */
  async recordControl(
    context: RequestContext,
    subject: string | ({ readonly operation: string } & JsonObject),
    decision: Decision,
  ): Promise<void> {
    const about = typeof subject === 'string' ? { operation: subject } : subject;
    const data = { ...about, ...verdictOf(decision), ...callerOf(context) };
    await this.#append(context, { type: 'audit.control', data });
  }

  /** Adds how an allowed call ended. Durable with the next commit; the caller does not wait for it. */
  async recordOutcome(facts: DecisionFacts, outcome: { code: string; latencyUs: number }): Promise<void> {
    const { context, action, toolId } = facts;
    await this.#append(context, {
      type: 'audit.outcome',
      data: {
        request_id: context.requestId,
        action,
        tool_id: toolId,
        code: outcome.code,
        latency_us: Math.round(outcome.latencyUs),
      },
    });
  }

  /** Writes the checkpoints that are due; call it before the stores close, or the last 100 ms have none. */
  async flush(): Promise<void> {
    await this.#parts.checkpoints.flush();
  }

  /** The record in the chain, and the same as a SAFETY_DECISION on the stream of what it is about. */
  async #appendBoth(owner: ChainOwner, entry: { type: string; subject: Subject; data: JsonObject }): Promise<void> {
    const { type, subject, data } = entry;
    const { tenantId, mode } = owner;
    const at = { tenantId, stream: safetyStream(subject), ...(mode && { mode }) };
    // An id, so that repeating an append whose outcome nobody knows writes the event once.
    const event = { type: 'SAFETY_DECISION', data, eventId: `${this.#parts.now().toString(36)}-${randomUUID()}` };
    await this.#append(owner, { type, data, beside: { at, event } });
  }

  async #append({ tenantId, mode }: ChainOwner, entry: ChainEntry): Promise<void> {
    const key = `${tenantId}/${mode ?? HOST_CHAIN}`;
    let chain = this.#chains.get(key);
    if (!chain) {
      chain = new AuditChain(this.#parts, auditStream(tenantId, mode));
      if (this.#chains.size >= MAX_CHAINS) this.#forgetIdle();
      this.#chains.set(key, chain);
      await noteAuditChain(this.#parts.tabular, tenantId, mode);
    }
    return chain.append(entry);
  }

  #forgetIdle(): void {
    for (const [key, chain] of this.#chains) if (chain.idle) this.#chains.delete(key);
  }
}

/** `safety/<type>/<id>` of what a call acts on; of the caller where the scope names no subject. */
export function safetyStream({ type, id }: Subject): string {
  // Ids come from arguments: written out plainly, one with a control character would make the record unwritable.
  const name = [type, id].map((part) => encodeURIComponent(part.toWellFormed())).join('/');
  return name.length <= MAX_SUBJECT_NAME ? `safety/${name}` : `safety/sha256/${sha256(name)}`;
}

const MAX_SUBJECT_NAME = 400;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function decisionRecord(facts: DecisionFacts, decision: Decision, latencyUs: number): JsonObject {
  return {
    ...verdictOf(decision),
    action: facts.action,
    tool_id: facts.toolId,
    effects: facts.effects,
    ...(facts.subject && { subject_type: facts.subject.type, subject_id: facts.subject.id }),
    ...callerOf(facts.context),
    tool_digest: facts.toolDigest,
    argument_digest: facts.argumentDigest,
    ...(decision.policyVersion !== undefined && { policy_version: decision.policyVersion }),
    latency_us: Math.round(latencyUs),
  };
}

function verdictOf(decision: Decision): JsonObject {
  return {
    decision: decision.allowed ? 'allow' : 'deny',
    ...(decision.gate !== undefined && { gate: decision.gate }),
    ...(decision.code !== undefined && { code: decision.code }),
  };
}

function callerOf(context: RequestContext): JsonObject {
  return {
    actor_type: context.actor.type,
    actor_id: context.actor.id,
    actor_roles: [...context.actor.roles],
    issuer: context.issuer,
    mode: context.mode,
    project_id: context.projectId,
    ...(context.appId && { app_id: context.appId }),
    ...(context.surfaceId && { surface_id: context.surfaceId }),
    transport: context.transport,
    request_id: context.requestId,
    ...(context.runId && { run_id: context.runId }),
    ...(context.stepId && { step_id: context.stepId }),
    ...(context.traceparent && { traceparent: context.traceparent }),
  };
}
