import { randomUUID } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import { NorthstarError } from '../../errors/northstar-error.ts';
import type { RequestContext } from '../../identity/request-context.ts';
import { readMany } from '../../stores/read-many.ts';
import type { Partition, TabularRecord, TabularStore } from '../../stores/tabular-store.ts';
import { changeRecord } from '../change-record.ts';
import type { KpiBinding, KpiCorridor, KpiDefinition, KpiMeasurement } from './kpi-records.ts';

/** Whose KPIs: the tenant's, in the engine that is routed for its mode. */
export type KpiAudience = Pick<RequestContext, 'tenantId' | 'mode'>;

/** What is known of one KPI for a surface: each the surface's own, or else the one without a surface. */
export interface KpiReading {
  readonly kpiName: string;
  readonly corridor?: TabularRecord;
  readonly latest?: TabularRecord;
}

/** One record for each scope, so that a call finds its bindings by key. */
type BindingList = { bindings: KpiBinding[] };

const definitionKey = (kpiName: string): string => `definitions/${kpiName}`;
/** Surfaces may hold a `/`, which must not look like the end of one. */
const part = (surface: string | undefined): string => (surface === undefined ? '*' : encodeURIComponent(surface));
const corridorKey = (kpiName: string, surface?: string): string => `corridors/${kpiName}/${part(surface)}`;
const latestKey = (kpiName: string, surface?: string): string => `latest/${kpiName}/${part(surface)}`;
const bindingKey = (toolId: string, scopeName: string): string => `bindings/${toolId}/${scopeName}`;
const historyPrefix = (kpiName: string, surface?: string): string => `measurements/${kpiName}/${part(surface)}/`;

/** Definitions, corridors, measurements and bindings of each tenant. */
export class KpiStore {
  readonly #records: TabularStore;

  constructor(records: TabularStore) {
    this.#records = records;
  }

  async define(audience: KpiAudience, definition: KpiDefinition): Promise<KpiDefinition> {
    await this.#records.put(at(audience), definitionKey(definition.kpi_name), { ...definition });
    return definition;
  }

  async definitions(audience: KpiAudience): Promise<KpiDefinition[]> {
    return this.#list(audience, 'definitions/');
  }

  async isDefined(audience: KpiAudience, kpiName: string): Promise<boolean> {
    return (await this.#records.get(at(audience), definitionKey(kpiName))) !== undefined;
  }

  async setCorridor(audience: KpiAudience, corridor: KpiCorridor): Promise<KpiCorridor> {
    await this.#records.put(at(audience), corridorKey(corridor.kpi_name, corridor.surface), { ...corridor });
    return corridor;
  }

  async corridors(audience: KpiAudience): Promise<KpiCorridor[]> {
    return this.#list(audience, 'corridors/');
  }

  async removeCorridor(audience: KpiAudience, kpiName: string, surface?: string): Promise<void> {
    if (!(await this.#records.delete(at(audience), corridorKey(kpiName, surface))))
      throw new NorthstarError('kpi.not_found', `${kpiName} has no such corridor; GET /kpi/corridors lists them.`);
  }

  /** Kept in the history, and as the latest unless a later one is there already: arrival says nothing about time. */
  async measure(audience: KpiAudience, measurement: KpiMeasurement): Promise<{ latest: boolean }> {
    const { kpi_name, surface } = measurement;
    const key = `${historyPrefix(kpi_name, surface)}${newestFirst(measurement.at)}-${randomUUID()}`;
    await this.#records.put(at(audience), key, { ...measurement });
    const kept = await changeRecord<KpiMeasurement>(
      this.#records,
      { at: at(audience), key: latestKey(kpi_name, surface) },
      (before) => (before !== undefined && Date.parse(before.at) > Date.parse(measurement.at) ? before : measurement),
    );
    return { latest: kept === measurement };
  }

  /** Newest first. */
  async measurements(audience: KpiAudience, kpiName: string, query: { surface?: string; limit: number }) {
    const page = await this.#records.list(at(audience), {
      prefix: historyPrefix(kpiName, query.surface),
      limit: query.limit,
    });
    return page.items.map(({ value }) => value as unknown as KpiMeasurement);
  }

  async bind(audience: KpiAudience, binding: KpiBinding): Promise<KpiBinding> {
    await this.#changeBindings(audience, binding, (others) => [...others, binding]);
    return binding;
  }

  async unbind(audience: KpiAudience, target: Pick<KpiBinding, 'tool_id' | 'scope_name' | 'kpi_name'>): Promise<void> {
    await this.#changeBindings(audience, target, (others, found) => {
      if (!found)
        throw new NorthstarError(
          'kpi.not_found',
          'No such binding exists in this tenant; GET /kpi/bindings lists them.',
        );
      return others;
    });
  }

  /** All of the tenant, or those of one tool. */
  async bindings(audience: KpiAudience, toolId?: string): Promise<KpiBinding[]> {
    const lists = await this.#list<BindingList>(audience, toolId === undefined ? 'bindings/' : `bindings/${toolId}/`);
    return lists.flatMap(({ bindings }) => bindings);
  }

  /** The records that bind a scope: its own, and the tool's `*`. */
  async bindingsOn(audience: KpiAudience, toolId: string, scopeName: string): Promise<TabularRecord[]> {
    const keys = [bindingKey(toolId, scopeName), bindingKey(toolId, '*')];
    const records = await readMany(this.#records, at(audience), keys);
    return records.filter((record) => record !== undefined);
  }

  async read(audience: KpiAudience, kpiName: string, surface?: string): Promise<KpiReading> {
    const surfaces = surface === undefined ? [undefined] : [surface, undefined];
    const keys = [corridorKey, latestKey].flatMap((keyOf) => surfaces.map((each) => keyOf(kpiName, each)));
    const found = await readMany(this.#records, at(audience), keys);
    const first = (from: number): TabularRecord | undefined =>
      found.slice(from, from + surfaces.length).find((record) => record !== undefined);
    const [corridor, latest] = [first(0), first(surfaces.length)];
    return { kpiName, ...(corridor && { corridor }), ...(latest && { latest }) };
  }

  async #changeBindings(
    audience: KpiAudience,
    target: Pick<KpiBinding, 'tool_id' | 'scope_name' | 'kpi_name'>,
    change: (others: KpiBinding[], found: boolean) => KpiBinding[],
  ): Promise<void> {
    const key = bindingKey(target.tool_id, target.scope_name);
    await changeRecord<BindingList>(this.#records, { at: at(audience), key }, (before) => {
      const all = before?.bindings ?? [];
      const others = all.filter(({ kpi_name }) => kpi_name !== target.kpi_name);
      return { bindings: change(others, others.length < all.length) };
    });
  }

  async #list<T>(audience: KpiAudience, prefix: string): Promise<T[]> {
    const found: T[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#records.list<Json>(at(audience), { prefix, limit: 1000, ...(cursor && { cursor }) });
      found.push(...page.items.map(({ value }) => value as unknown as T));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  }
}

function at({ tenantId, mode }: KpiAudience): Partition {
  return { tenantId, kind: 'kpi_store', mode };
}

const LAST_MS = 9_999_999_999_999;

/** Text that sorts later times first, because listings run upwards only. */
function newestFirst(isoTime: string): string {
  return String(LAST_MS - Date.parse(isoTime)).padStart(13, '0');
}
