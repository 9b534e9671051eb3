import { NorthstarError } from '../../errors/northstar-error.ts';
import { SYSTEM_TENANT, type RequestContext } from '../../identity/request-context.ts';
import { readMany } from '../../stores/read-many.ts';
import type { Partition, TabularStore } from '../../stores/tabular-store.ts';
import { policyRecord, type PolicyRecord } from '../policy-record.ts';

/** From the narrowest to the widest: the first level that says something decides. */
export const LOCK_LEVELS = ['node', 'surface', 'tenant', 'system'] as const;
export type LockLevel = (typeof LOCK_LEVELS)[number];

/** What a policy is about. */
export interface LockTarget {
  readonly level: LockLevel;
  /**
   * Node: a project, or an app of it as `<project>/<app>`. Surface: its id. Tenant: its id. System: `*`.
   */
  readonly id: string;
  /** A scope, or `*` for all of them. */
  readonly action: string;
}

/** Says whether an action needs an approval of each exact call. */
export interface LockPolicy extends LockTarget {
  readonly required: boolean;
  readonly updated_by: string;
  readonly updated_at: string;
}

type Audience = Pick<RequestContext, 'tenantId' | 'mode'>;
type Caller = Pick<RequestContext, 'tenantId' | 'mode' | 'projectId' | 'appId' | 'surfaceId'>;

const PREFIX = 'policies/';
const placeOf = (level: LockLevel, id: string): string => `${PREFIX}${level}/${encodeURIComponent(id)}/`;
const keyOf = ({ level, id, action }: LockTarget): string => placeOf(level, id) + action;

/** Policies of the system lie in its own tenant, whoever is asked about. */
function at({ tenantId, mode }: Audience, level: LockLevel): Partition {
  return { tenantId: level === 'system' ? SYSTEM_TENANT : tenantId, kind: 'strategy_policy_store', mode };
}

/** Policies of the strategy lock, by level and action. */
export class LockPolicyStore {
  readonly #records: TabularStore;

  constructor(records: TabularStore) {
    this.#records = records;
  }

  async save(audience: Audience, policy: LockPolicy): Promise<LockPolicy> {
    await this.#records.put(at(audience, policy.level), keyOf(policy), { ...policy });
    return policy;
  }

  async remove(audience: Audience, target: LockTarget): Promise<void> {
    if (!(await this.#records.delete(at(audience, target.level), keyOf(target))))
      throw new NorthstarError(
        'lock_policy.not_found',
        `No strategy-lock policy of ${target.level} ${target.id} for ${target.action} exists; GET /strategy-lock/policy lists them.`,
      );
  }

  /** The tenant's own policies and those of the system. */
  async list(audience: Audience): Promise<LockPolicy[]> {
    const own = await this.#listAll(at(audience, 'tenant'));
    const system = audience.tenantId === SYSTEM_TENANT ? [] : await this.#listAll(at(audience, 'system'));
    return [...own, ...system.filter(({ level }) => level === 'system')];
  }

  /** The policy that decides on the action here; undefined where none says anything. */
  async deciding(caller: Caller, action: string): Promise<PolicyRecord | undefined> {
    // The system is the widest level: it is heard where nothing of the tenant says anything.
    const [own, system] = await Promise.all([
      this.#first(at(caller, 'tenant'), placesOf(caller), action),
      this.#first(at(caller, 'system'), [SYSTEM_PLACE], action),
    ]);
    return own ?? system;
  }

  async #first(partition: Partition, places: readonly string[], action: string): Promise<PolicyRecord | undefined> {
    const keys: string[] = [];
    for (const place of places) keys.push(place + action, `${place}*`);
    const records = await readMany(this.#records, partition, keys);
    const first = records.find((record) => record !== undefined);
    return first && policyRecord('strategy_policy', partition.tenantId, first);
  }

  async #listAll(partition: Partition): Promise<LockPolicy[]> {
    const found: LockPolicy[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#records.list(partition, { prefix: PREFIX, limit: 1000, ...(cursor && { cursor }) });
      found.push(...page.items.map(({ value }) => value as unknown as LockPolicy));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  }
}

const SYSTEM_PLACE = placeOf('system', '*');

/** Where in the tenant a call comes from, from the narrowest place to the widest. */
function placesOf({ tenantId, projectId, appId, surfaceId }: Caller): string[] {
  const places = appId === undefined ? [] : [placeOf('node', `${projectId}/${appId}`)];
  places.push(placeOf('node', projectId));
  if (surfaceId !== undefined) places.push(placeOf('surface', surfaceId));
  places.push(placeOf('tenant', tenantId));
  return places;
}
