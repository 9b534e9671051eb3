import type { Json } from '@northstar/sdk';
import { NorthstarError } from '../../errors/northstar-error.ts';
import type { RequestContext } from '../../identity/request-context.ts';
import { StoreError } from '../../stores/store-error.ts';
import type { Partition, TabularRecord, TabularStore } from '../../stores/tabular-store.ts';
import type { PolicyQuestion } from '../gate.ts';
import type { Hold } from '../hold.ts';
import { isOver, type Approval } from './approval.ts';

type Audience = Pick<RequestContext, 'tenantId' | 'mode'>;

/** Milliseconds in which a request can be decided on. */
const REQUEST_MS = 24 * 60 * 60 * 1000;
/** Milliseconds that a decision stands, where the approver says nothing else. */
export const DECISION_MS = 15 * 60 * 1000;
/** Milliseconds after which what is over is removed; the audit chain still has it. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const SWEEP_EVERY_MS = 60_000;

const PREFIX = 'approvals/';
const keyOf = (lockId: string): string => PREFIX + lockId;

function at({ tenantId, mode }: Audience): Partition {
  return { tenantId, kind: 'strategy_policy_store', mode };
}

export interface ApproverDecision {
  readonly decision: 'approve' | 'reject';
  readonly reason?: string | undefined;
  /** ISO 8601; default in 15 minutes. */
  readonly expires_at?: string | undefined;
}

/** Requests for approval of one tenant. Every change is under the version that was read, so no two can both win. */
export class ApprovalStore {
  readonly #records: TabularStore;
  #sweptAt = Date.now();

  constructor(records: TabularStore) {
    this.#records = records;
  }

  async find(audience: Audience, lockId: string): Promise<TabularRecord | undefined> {
    return this.#records.get(at(audience), keyOf(lockId));
  }

  /** In id order; those of the caller's mode. */
  async list(audience: Audience, status?: string): Promise<Approval[]> {
    const found = await this.#all(audience);
    const own = found.map(({ value }) => value as unknown as Approval).filter(({ mode }) => mode === audience.mode);
    return own.filter((approval) => status === undefined || approval.status === status);
  }

  /** Notes that somebody waits for an approval. One that waits, or was decided on and still stands, is kept. */
  async request(question: PolicyQuestion, lockId: string, policyVersion: string): Promise<void> {
    const { context, subject } = question;
    await this.#sweepNowAndThen(context);
    const known = await this.find(context, lockId);
    if (known !== undefined && stands(known.value as unknown as Approval)) return;
    const now = Date.now();
    const request: Approval = {
      lock_id: lockId,
      status: 'pending',
      action: question.action,
      tool_id: question.toolId,
      tenant_id: context.tenantId,
      mode: context.mode,
      ...(subject && { subject_type: subject.type, subject_id: subject.id }),
      requested_by: { type: context.actor.type, id: context.actor.id, issuer: context.issuer },
      requested_at: new Date(now).toISOString(),
      tool_digest: question.toolDigest,
      argument_digest: question.argumentDigest,
      policy_version: policyVersion,
      expires_at: new Date(now + REQUEST_MS).toISOString(),
    };
    // Somebody else who asks for the very same wrote it first: that request serves both.
    await this.#put(context, request, known?.version ?? 'absent').catch(unlessConflict);
  }

  async decide(approver: RequestContext, lockId: string, said: ApproverDecision): Promise<Approval> {
    const record = await this.find(approver, lockId);
    const request = record?.value as unknown as Approval | undefined;
    if (record === undefined || request === undefined || request.mode !== approver.mode)
      throw new NorthstarError(
        'approval.not_found',
        `No request ${lockId.slice(0, 80)} waits in this tenant and mode; GET /strategy-lock/approvals?status=pending lists those that do.`,
      );
    if (approver.mode !== 'lab' && isSame(request.requested_by, approver))
      throw new NorthstarError(
        'approval.own_request',
        `${approver.actor.id} asked for ${lockId}, so somebody else has to decide on it: outside lab nobody approves their own call.`,
      );
    if (request.status !== 'pending' || isOver(request))
      throw new NorthstarError(
        'approval.not_pending',
        `${lockId} is ${request.status === 'pending' ? 'expired' : `already ${request.status}`}. The caller asks again by repeating the call; then decide on that request.`,
      );
    const now = Date.now();
    const decided: Approval = {
      ...request,
      status: said.decision === 'approve' ? 'approved' : 'rejected',
      expires_at: said.expires_at ?? new Date(now + DECISION_MS).toISOString(),
      decided_by: approver.actor.id,
      decided_at: new Date(now).toISOString(),
      ...(said.reason !== undefined && { reason: said.reason }),
    };
    await this.#put(approver, decided, record.version);
    return decided;
  }

  /** Uses an approval up. Of any number of racers one gets it; undefined for the others. */
  async use(context: RequestContext, { value, version }: TabularRecord): Promise<Hold | undefined> {
    const approval = value as unknown as Approval;
    const used: Approval = {
      ...approval,
      status: 'used',
      used_by: context.requestId,
      used_at: new Date().toISOString(),
    };
    try {
      const stored = await this.#put(context, used, version);
      return {
        // A call that ran has used its approval up, however it ended. Put back only where nobody changed it since.
        end: async (outcome) => {
          if (outcome === 'not_run') await this.#put(context, approval, stored.version).catch(unlessConflict);
        },
      };
    } catch (error) {
      unlessConflict(error);
      return undefined;
    }
  }

  /** Callers make these records, so without this the store would grow for ever. */
  async removeOld(audience: Audience, now = Date.now()): Promise<void> {
    for (const { key, value, version } of await this.#all(audience))
      if (isOver(value as unknown as Approval, now - KEPT_MS))
        await this.#records.delete(at(audience), key, { ifVersion: version }).catch(unlessConflict);
  }

  async #sweepNowAndThen(audience: Audience): Promise<void> {
    if (Date.now() - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = Date.now();
    // Only housekeeping: a store that fails here fails the write of the request as well, and that is told.
    await this.removeOld(audience).catch(() => undefined);
  }

  async #all(audience: Audience): Promise<TabularRecord[]> {
    const found: TabularRecord[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#records.list(at(audience), { prefix: PREFIX, limit: 1000, ...(cursor && { cursor }) });
      found.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  }

  #put(audience: Audience, approval: Approval, ifVersion: string): Promise<{ version: string }> {
    return this.#records.put(at(audience), keyOf(approval.lock_id), approval as unknown as Json, { ifVersion });
  }
}

/** Whether it still says something: a used approval does not, and neither does one whose time is over. */
function stands(approval: Approval): boolean {
  return approval.status !== 'used' && !isOver(approval);
}

function isSame(who: Approval['requested_by'], { actor, issuer }: RequestContext): boolean {
  return who.type === actor.type && who.id === actor.id && who.issuer === issuer;
}

function unlessConflict(error: unknown): void {
  if (!(error instanceof StoreError && error.code === 'conflict')) throw error;
}
