import type { Json, Mode } from '@northstar/sdk';
import type { Partition, TabularStore } from '../../stores/tabular-store.ts';
import { changeRecord } from '../change-record.ts';
import { periodOf, type Window } from '../counter/window.ts';
import type { Spender } from './budget-policy.ts';

/** What was spent on a day by one tool through one surface and app. */
export interface LedgerCell {
  readonly tool_id?: string;
  readonly surface?: string;
  readonly app?: string;
  readonly mode: Mode;
  readonly micro_usd: number;
  readonly calls: number;
}

/** Something spent, to be noted. `calls`: 0 for what is reported beside a call. */
export interface Spending {
  readonly by: Spender;
  readonly microUsd: number;
  readonly calls: number;
}

type Day = { cells: LedgerCell[] };
interface Pending {
  readonly at: Partition;
  readonly day: string;
  readonly cells: Map<string, LedgerCell>;
}

/** Milliseconds in which calls share one write. The limit does not hang on it: counters are written at once. */
const GATHER_MS = 250;
/** Surfaces and apps are what callers say; over this many in a day they are added up without them. */
const MAX_CELLS = 500;

/** Adds up what was spent, by day. For reports and for policies that come later; what limits is in the counters. */
export class UsageLedger {
  readonly #records: TabularStore;
  readonly #now: () => number;
  #pending = new Map<string, Pending>();
  #timer: NodeJS.Timeout | undefined;

  constructor(records: TabularStore, now: () => number = Date.now) {
    this.#records = records;
    this.#now = now;
  }

  /** Noted with the next write, at the latest 250 ms from now. */
  note(at: Partition, spending: Spending): void {
    const day = periodOf('day', this.#now()).id;
    const name = JSON.stringify([at.tenantId, at.mode, day]);
    let pending = this.#pending.get(name);
    if (pending === undefined) this.#pending.set(name, (pending = { at, day, cells: new Map() }));
    addCell(pending.cells, cellOf(spending));
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), GATHER_MS).unref();
  }

  /** Writes what is noted. What cannot be written stays noted. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const noted = this.#pending;
    this.#pending = new Map();
    const writes = await Promise.allSettled([...noted].map(([name, pending]) => this.#write(name, pending)));
    const failed = writes.find((write) => write.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** What was spent in the period of the window that runs now, this process's latest included. */
  async cells(at: Partition, window: Window): Promise<LedgerCell[]> {
    await this.flush();
    const period = periodOf(window, this.#now()).id;
    const prefix = window === 'total' ? 'ledger/' : `ledger/${period}`;
    const cells = new Map<string, LedgerCell>();
    let cursor: string | undefined;
    do {
      const page = await this.#records.list<Day & Json>(at, { prefix, ...(cursor && { cursor }) });
      for (const { value } of page.items) for (const cell of value.cells) addCell(cells, cell);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return [...cells.values()];
  }

  async #write(name: string, { at, day, cells }: Pending): Promise<void> {
    try {
      await changeRecord<Day>(this.#records, { at, key: `ledger/${day}` }, (before) => {
        const sums = new Map<string, LedgerCell>();
        for (const cell of [...(before?.cells ?? []), ...cells.values()]) addCell(sums, cell, MAX_CELLS);
        return { cells: [...sums.values()] };
      });
    } catch (error) {
      const pending = this.#pending.get(name) ?? { at, day, cells: new Map<string, LedgerCell>() };
      this.#pending.set(name, pending);
      for (const cell of cells.values()) addCell(pending.cells, cell);
      throw error;
    }
  }
}

function cellOf({ by, microUsd, calls }: Spending): LedgerCell {
  const { toolId, surface, app, mode } = by;
  const cell: { -readonly [field in keyof LedgerCell]: LedgerCell[field] } = { mode, micro_usd: microUsd, calls };
  if (toolId !== undefined) cell.tool_id = toolId;
  if (surface !== undefined) cell.surface = surface;
  if (app !== undefined) cell.app = app;
  return cell;
}

function addCell(sums: Map<string, LedgerCell>, cell: LedgerCell, most = Infinity): void {
  const key = JSON.stringify([cell.tool_id ?? null, cell.surface ?? null, cell.app ?? null, cell.mode]);
  const before = sums.get(key);
  if (before === undefined && sums.size >= most && (cell.surface !== undefined || cell.app !== undefined)) {
    const { surface: _surface, app: _app, ...rest } = cell;
    return addCell(sums, rest, most);
  }
  sums.set(key, {
    ...cell,
    micro_usd: cell.micro_usd + (before?.micro_usd ?? 0),
    calls: cell.calls + (before?.calls ?? 0),
  });
}
