import type { Effects, JsonObject } from '@northstar/sdk';
import type { RequestContext } from '../identity/request-context.ts';
import { auditStream } from '../spine/audit-record.ts';
import type { EventSpine } from '../stores/event-spine.ts';
import { overlayStore } from '../stores/overlay-store.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import { GateChain } from './gate-chain.ts';
import type { PolicyQuestion } from './gate.ts';
import { gatesInOrder } from './gates-in-order.ts';
import { openPolicyStores, type PolicyFiles, type PolicyStores } from './policy-stores.ts';

export interface ReplayParts {
  readonly spine: EventSpine;
  readonly records: TabularStore;
  readonly files: PolicyFiles;
}

export interface ReplayQuery {
  /** Cursor of the audit chain; absent means from its first record. */
  readonly cursor?: string | undefined;
  /** Audit records to look at. */
  readonly limit: number;
  /** Makes changes of policy that hold for this replay alone. */
  readonly change: (stores: PolicyStores) => Promise<void>;
}

interface Said {
  readonly decision: 'allow' | 'deny';
  readonly code?: string;
  readonly gate?: string;
  readonly policy_version?: string;
}

export interface ReplayDifference {
  readonly request_id: string;
  readonly at: string;
  readonly action: string;
  readonly actor_type: string;
  readonly actor_id: string;
  readonly recorded: Said;
  readonly now: Said;
}

export interface ReplayReport {
  readonly replayed: number;
  readonly same: number;
  /** Records that policy did not decide on: other kinds, refusals before the chain, and faults of the moment. */
  readonly skipped: number;
  readonly differences: readonly ReplayDifference[];
  readonly next_cursor: string | null;
  readonly more: boolean;
}

/**
 * Puts recorded decisions of the caller's tenant and mode to policy as it is now, or as it would be after a change, and
 * tells which would come out differently. Takes and writes nothing.
 */
export async function replayDecisions(
  { spine, records, files }: ReplayParts,
  context: RequestContext,
  { cursor, limit, change }: ReplayQuery,
): Promise<ReplayReport> {
  const stores = openPolicyStores(overlayStore(records), files);
  await change(stores);
  const chain = new GateChain(gatesInOrder(stores));
  const at = auditStream(context.tenantId, context.mode);
  const page = await spine.read(at, { limit, ...(cursor !== undefined && { after: cursor }) });
  const differences: ReplayDifference[] = [];
  let replayed = 0;
  for (const event of page.events) {
    const record = event.data as JsonObject;
    if (event.type !== 'audit.decision' || !wasDecidedByPolicy(record)) continue;
    replayed++;
    const question = questionOf(record, context);
    const verdict = await chain.decide(question);
    const now: Said = verdict.allowed
      ? { decision: 'allow', policy_version: verdict.policyVersion }
      : {
          decision: 'deny',
          code: verdict.denial.deny.code,
          gate: verdict.denial.gate,
          policy_version: verdict.policyVersion,
        };
    const recorded = saidIn(record);
    if (recorded.decision === now.decision && recorded.code === now.code) continue;
    const { requestId: request_id, actor } = question.context;
    const { action } = question;
    differences.push({ request_id, at: event.at, action, actor_type: actor.type, actor_id: actor.id, recorded, now });
  }
  return {
    replayed,
    same: replayed - differences.length,
    skipped: page.events.length - replayed,
    differences,
    next_cursor: page.events.at(-1)?.cursor ?? cursor ?? null,
    more: page.more,
  };
}

/** Whether a caller is a member is no matter of policy, and a store that was down says nothing about it. */
function wasDecidedByPolicy({ policy_version, gate, code }: JsonObject): boolean {
  return typeof policy_version === 'string' && gate !== 'identity' && code !== 'policy.unavailable';
}

function saidIn({ decision, code, gate, policy_version }: JsonObject): Said {
  return {
    decision: decision === 'allow' ? 'allow' : 'deny',
    ...(typeof code === 'string' && { code }),
    ...(typeof gate === 'string' && { gate }),
    ...(typeof policy_version === 'string' && { policy_version }),
  };
}

/** The question as it was asked, for a caller whose membership was found good then. */
function questionOf(record: JsonObject, { tenantId, mode }: RequestContext): PolicyQuestion {
  const text = (name: string): string => String(record[name] ?? '');
  const issuer = text('issuer');
  const roles = Array.isArray(record.actor_roles) ? record.actor_roles.map(String) : [];
  const { app_id, surface_id } = record;
  const context: RequestContext = {
    requestId: text('request_id'),
    mode,
    tenantId,
    projectId: text('project_id'),
    ...(typeof app_id === 'string' && { appId: app_id }),
    ...(typeof surface_id === 'string' && { surfaceId: surface_id }),
    actor: { type: record.actor_type === 'agent' ? 'agent' : 'user', id: text('actor_id'), roles },
    issuer,
    transport: text('transport') as RequestContext['transport'],
    ...(issuer !== 'none' && { tenants: [tenantId], expiresAt: Number.MAX_SAFE_INTEGER }),
  };
  return {
    context,
    action: text('action'),
    toolId: text('tool_id'),
    effects: text('effects') as Effects,
    timeoutMs: 0,
    ...(record.subject_type !== undefined && { subject: { type: text('subject_type'), id: text('subject_id') } }),
    toolDigest: text('tool_digest'),
    argumentDigest: text('argument_digest'),
  };
}
