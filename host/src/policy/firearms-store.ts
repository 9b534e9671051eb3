import { sha256OfJson } from '../spine/digest.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import { SYSTEM_TENANT, type RequestContext } from '../identity/request-context.ts';
import type { Partition, TabularStore } from '../stores/tabular-store.ts';
import { policyRecord, type PolicyRecord } from './policy-record.ts';

/** Says which licences a scope needs. Made by operators: a muscle can neither state nor lift it. */
export interface FirearmsBinding {
  readonly tool_id: string;
  /** A scope, resource or prompt of the tool, or `*` for all of them. */
  readonly scope_name: string;
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

const bindingKey = (toolId: string, scopeName: string): string => `bindings/${toolId}/${scopeName}`;
const grantKey = (grantId: string): string => `grants/${grantId}`;

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
    await this.#records.put(at(audience), bindingKey(binding.tool_id, binding.scope_name), {
      ...binding,
      license_types: [...binding.license_types],
    });
    return binding;
  }

  async unbind(audience: PolicyAudience, toolId: string, scopeName: string): Promise<void> {
    if (!(await this.#records.delete(at(audience), bindingKey(toolId, scopeName))))
      throw new NorthstarError(
        'binding.not_found',
        `No binding of ${toolId} ${scopeName} exists in this tenant; GET /firearms/bindings lists them.`,
      );
  }

  async listBindings(audience: PolicyAudience): Promise<FirearmsBinding[]> {
    return this.#listAll(audience, 'bindings/');
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

  /** Every binding that covers this scope: the tenant's and the system's, the scope's own and the tool's `*`. */
  async bindingsOf(audience: PolicyAudience, toolId: string, scopeName: string): Promise<PolicyRecord[]> {
    const tenants = new Set([audience.tenantId, SYSTEM_TENANT]);
    const keys = [bindingKey(toolId, scopeName), bindingKey(toolId, '*')];
    const records = await Promise.all(
      [...tenants].flatMap((tenantId) =>
        keys.map(async (key) => {
          const record = await this.#records.get(at({ ...audience, tenantId }), key);
          return record && policyRecord('firearms_binding', tenantId, record);
        }),
      ),
    );
    return records.filter((record) => record !== undefined);
  }

  /** Every grant of one of the licences to one of the subjects, expired ones included. */
  async grantsOf(
    audience: PolicyAudience,
    licenses: readonly string[],
    subjects: readonly { type: GrantSubject; id: string }[],
  ): Promise<PolicyRecord[]> {
    const keys = licenses.flatMap((license) => subjects.map(({ type, id }) => grantKey(grantId(license, type, id))));
    const records = await Promise.all(keys.map((key) => this.#records.get(at(audience), key)));
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
