import { randomUUID } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import type { RequestContext } from '../../identity/request-context.ts';
import { StoreError } from '../../stores/store-error.ts';
import type { Partition, TabularRecord, TabularStore } from '../../stores/tabular-store.ts';
import type { Counters } from '../counter/counters.ts';
import { spenderOf } from './budget-policy.ts';
import { budgetPartition, type BudgetStore } from './budget-store.ts';
import type { UsageLedger } from './usage-ledger.ts';

/** Something that was spent outside of the host's own calls: tokens of a model, a paid search. */
export interface UsageReport {
  readonly tool_id?: string;
  readonly scope_name?: string;
  readonly micro_usd: number;
  readonly request_id?: string;
  readonly run_id?: string;
}

export interface StoredReport extends UsageReport {
  readonly usage_id: string;
  readonly reported_by: string;
  readonly at: string;
}

type Row = { report: StoredReport; counted: boolean; started_at: number };

/** Milliseconds after which a report that nobody finished is taken over: its host has died. */
const TAKEOVER_MS = 30_000;

/** Usage that others report. It counts against every policy that covers it, and once for each request id. */
export class UsageReports {
  readonly #records: TabularStore;
  readonly #parts: { readonly budgets: BudgetStore; readonly counters: Counters; readonly ledger: UsageLedger };

  constructor(
    records: TabularStore,
    parts: { readonly budgets: BudgetStore; readonly counters: Counters; readonly ledger: UsageLedger },
  ) {
    this.#records = records;
    this.#parts = parts;
  }

  /** Counted when it answers. The same request id again answers with what was stored first. */
  async report(context: RequestContext, usage: UsageReport): Promise<StoredReport & { duplicate: boolean }> {
    const at = budgetPartition(context);
    const usageId = `use_${randomUUID()}`;
    const report: StoredReport = {
      usage_id: usageId,
      ...usage,
      reported_by: context.actor.id,
      at: new Date().toISOString(),
    };
    const key = usage.request_id === undefined ? `reports/id/${usageId}` : `reports/request/${usage.request_id}`;
    const claimed = await this.#claim({ at, key }, { report, counted: false, started_at: Date.now() });
    if (!claimed.mine) return { ...claimed.row.report, duplicate: true };
    try {
      await this.#count(context, claimed.row.report);
    } catch (error) {
      // Whoever reports it again must not be told that it counted.
      await this.#put({ at, key }, { ...claimed.row, started_at: 0 }).catch(() => undefined);
      throw error;
    }
    await this.#put({ at, key }, { ...claimed.row, counted: true });
    return { ...claimed.row.report, duplicate: false };
  }

  /** Whoever writes the record first counts the report; another one only if that host has died before it did. */
  async #claim({ at, key }: { at: Partition; key: string }, row: Row): Promise<{ row: Row; mine: boolean }> {
    if (await this.#put({ at, key }, row, 'absent')) return { row, mine: true };
    const record = (await this.#records.get(at, key)) as TabularRecord | undefined;
    const before = record?.value as unknown as Row | undefined;
    if (record === undefined || before === undefined) return this.#claim({ at, key }, row);
    if (before.counted || before.started_at + TAKEOVER_MS > Date.now()) return { row: before, mine: false };
    const taken = { ...before, started_at: Date.now() };
    return { row: taken, mine: await this.#put({ at, key }, taken, record.version) };
  }

  async #put({ at, key }: { at: Partition; key: string }, row: Row, ifVersion?: string): Promise<boolean> {
    try {
      await this.#records.put(at, key, row as unknown as Json, ifVersion === undefined ? {} : { ifVersion });
      return true;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'conflict') return false;
      throw error;
    }
  }

  async #count(context: RequestContext, { tool_id, micro_usd }: StoredReport): Promise<void> {
    const { budgets, counters, ledger } = this.#parts;
    const policies = await budgets.covering(context, tool_id);
    await Promise.all(policies.map((policy) => counters.add(budgets.counterOf(context, policy), micro_usd)));
    ledger.note(budgetPartition(context), { by: spenderOf(context, tool_id), microUsd: micro_usd, calls: 0 });
    await ledger.flush();
  }
}
