import type { Effects } from '@northstar/sdk';
import { sha256OfJson } from '../spine/digest.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import { SYSTEM_TENANT, type RequestContext } from '../identity/request-context.ts';
import { readMany } from '../stores/read-many.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';
import { policyRecord, type PolicyRecord } from './policy-record.ts';

/** Effects that can be bound as a whole. `write` covers what is destructive as well: it writes, and more. */
export const BOUND_EFFECTS = ['write', 'destructive'] as const;
export type BoundEffects = (typeof BOUND_EFFECTS)[number];

/** What a binding covers: one scope or all of a tool, or whatever of it has such effects. `*` is every tool. */
export interface BindingTarget {
  readonly tool_id: string;
  /** A scope, resource or prompt of the tool, or `*` for all of them. */
  readonly scope_name?: string;
  /** Stands instead of `scope_name`. */
  readonly effects?: BoundEffects;
}

/** Says which licences a scope needs. Made by operators: a muscle can neither state nor lift it. */
export interface FirearmsBinding extends BindingTarget {
  readonly license_types: readonly string[];
  readonly updated_by: string;
  readonly updated_at: string;
}

export const GRANT_SUBJECTS = ['user', 'agent', 'role'] as const;
export type GrantSubject = (typeof GRANT_SUBJECTS)[number];

/** Gives one licence to one subject of a tenant, until it expires or is revoked. */
export interface FirearmsGrant {
  readonly grant_id: string;
  readonly license_type: string;
  readonly subject_type: GrantSubject;
  readonly subject_id: string;
  /** ISO 8601; absent means until revoked. */
  readonly expires_at?: string;
  readonly granted_by: string;
  readonly granted_at: string;
}

/** Whose policy: the tenant's, in the engine that is routed for its mode. */
export type PolicyAudience = Pick<RequestContext, 'tenantId' | 'mode'>;

function at({ tenantId, mode }: PolicyAudience): Partition {
  return { tenantId, kind: 'firearms_policy_store', mode };
}

const bindingKey = ({ tool_id, scope_name, effects }: BindingTarget): string =>
  effects === undefined ? `bindings/${tool_id}/${scope_name}` : `effect-bindings/${tool_id}/${effects}`;
const grantKey = (grantId: string): string => `grants/${grantId}`;

/** What bindings look at in a call. */
export interface BoundCall {
  readonly toolId: string;
  readonly action: string;
  readonly effects: Effects;
}

/** Every target that a binding of this call can have: few, so that a look-up is a handful of reads. */
function covering({ toolId, action, effects }: BoundCall): BindingTarget[] {
  const tools = [toolId, '*'];
  const levels = effects === 'read' ? [] : effects === 'write' ? (['write'] as const) : BOUND_EFFECTS;
  return [
    { tool_id: toolId, scope_name: action },
    ...tools.map((tool_id) => ({ tool_id, scope_name: '*' })),
    ...tools.flatMap((tool_id) => levels.map((level) => ({ tool_id, effects: level }))),
  ];
}

/** The id follows from what is granted, so a repeated grant replaces itself and a look-up is one read. */
export function grantId(license: string, subjectType: GrantSubject, subjectId: string): string {
  return `grant_${sha256OfJson([license, subjectType, subjectId]).slice(0, 32)}`;
}

/** Bindings and grants of each tenant. Bindings of the system tenant hold for every tenant. */
export class FirearmsStore {
  readonly #records: TabularStore;

  constructor(records: TabularStore) {
    this.#records = records;
  }

  async bind(audience: PolicyAudience, binding: FirearmsBinding): Promise<FirearmsBinding> {
    await this.#records.put(at(audience), bindingKey(binding), {
      ...binding,
      license_types: [...binding.license_types],
    });
    return binding;
  }

  async unbind(audience: PolicyAudience, target: BindingTarget): Promise<void> {
    if (!(await this.#records.delete(at(audience), bindingKey(target))))
      throw new NorthstarError(
        'binding.not_found',
        `No binding of ${target.tool_id} ${target.scope_name ?? target.effects} exists in this tenant; GET /firearms/bindings lists them.`,
      );
  }

  async listBindings(audience: PolicyAudience): Promise<FirearmsBinding[]> {
    const [byScope, byEffects] = await Promise.all([
      this.#listAll<FirearmsBinding>(audience, 'bindings/'),
      this.#listAll<FirearmsBinding>(audience, 'effect-bindings/'),
    ]);
    return [...byScope, ...byEffects];
  }

  async grant(audience: PolicyAudience, grant: Omit<FirearmsGrant, 'grant_id'>): Promise<FirearmsGrant> {
    const stored = { grant_id: grantId(grant.license_type, grant.subject_type, grant.subject_id), ...grant };
    await this.#records.put(at(audience), grantKey(stored.grant_id), stored);
    return stored;
  }

  async revoke(audience: PolicyAudience, id: string): Promise<void> {
    if (!(await this.#records.delete(at(audience), grantKey(id))))
      throw new NorthstarError(
        'grant.not_found',
        `No grant ${id} exists in this tenant; GET /firearms/grants lists them.`,
      );
  }

  async listGrants(audience: PolicyAudience): Promise<FirearmsGrant[]> {
    return this.#listAll(audience, 'grants/');
  }

  /** Every binding that covers the call, of the tenant and of the system. */
  async bindingsOf(audience: PolicyAudience, call: BoundCall): Promise<PolicyRecord[]> {
    const keys = covering(call).map(bindingKey);
    const records = await Promise.all(
      [...new Set([audience.tenantId, SYSTEM_TENANT])].map(async (tenantId) => {
        const found = await readMany(this.#records, at({ tenantId, mode: audience.mode }), keys);
        return found.flatMap((record) => (record ? [policyRecord('firearms_binding', tenantId, record)] : []));
      }),
    );
    return records.flat();
  }

  /** Every grant of one of the licences to one of the subjects, expired ones included. */
  async grantsOf(
    audience: PolicyAudience,
    licenses: readonly string[],
    subjects: readonly { type: GrantSubject; id: string }[],
  ): Promise<PolicyRecord[]> {
    const keys = licenses.flatMap((license) => subjects.map(({ type, id }) => grantKey(grantId(license, type, id))));
    const records = await readMany(this.#records, at(audience), keys);
    return records.flatMap((record) => (record ? [policyRecord('firearms_grant', audience.tenantId, record)] : []));
  }

  async #listAll<T>(audience: PolicyAudience, prefix: string): Promise<T[]> {
    const found: T[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#records.list(at(audience), { prefix, limit: 1000, ...(cursor && { cursor }) });
      found.push(...page.items.map((item) => item.value as unknown as T));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  }
}

/** An unreadable date counts as expired: a grant that cannot be understood must not open anything. */
export function isExpired(grant: Pick<FirearmsGrant, 'expires_at'>, now: number): boolean {
  return grant.expires_at !== undefined && !(Date.parse(grant.expires_at) > now);
}
