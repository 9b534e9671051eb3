import { median } from '../statistics.ts';
import type { Rig, StoreSide } from './store-side.ts';
import { bytesPerItem, type BytesPerItem } from './bytes-per-item.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

export interface CompareOptions {
  /** How often each row is measured on both sides, in turn. */
  readonly rounds: number;
  /** Milliseconds that one side of one round should take. */
  readonly blockMs: number;
  /** Told what is measured next. */
  readonly progress?: (workload: string) => void;
}

/** An emulator gets slower with everything that it keeps: fewer and shorter rounds, which the table says. */
export function forEmulator(options: CompareOptions): CompareOptions {
  return { ...options, rounds: Math.min(options.rounds, 11), blockMs: Math.min(options.blockMs, 40) };
}

export interface RowResult {
  readonly workload: string;
  /** Operations per second, medians over the rounds. */
  readonly port: number;
  readonly bare: number;
  /** Time of the port over time of the bare client, each pair of one round; the median. */
  readonly ratio: number;
}

export interface EngineResult {
  readonly engine: string;
  /** This machine, a real server or an emulator. */
  readonly runsOn: string;
  /** Measurements of each row on each side. */
  readonly rounds: number;
  readonly rows: readonly RowResult[];
  readonly bytes?: { readonly port: BytesPerItem; readonly bare: BytesPerItem };
  readonly bareDoes: string;
}

export async function compare(rig: Rig, options: CompareOptions): Promise<Omit<EngineResult, 'engine' | 'runsOn'>> {
  const rows: RowResult[] = [];
  for (const workload of WORKLOADS) {
    if (!workload.fits(rig.port) || !workload.fits(rig.bare)) continue;
    options.progress?.(workload.name);
    rows.push(await compareRow(workload, rig, options));
  }
  const { port, bare, used } = rig;
  const bytes = used && {
    port: await bytesPerItem(port, used.port),
    bare: await bytesPerItem(bare, used.bare),
  };
  return { rounds: options.rounds, rows, bareDoes: rig.bareDoes, ...(bytes && { bytes }) };
}

async function compareRow(workload: Workload, { port, bare }: Rig, options: CompareOptions): Promise<RowResult> {
  for (const side of [port, bare]) await workload.prepare?.(side);
  const count = await countFor(workload, bare, options.blockMs);
  // The same warm-up: a side that the compiler has seen more of would win.
  for (const side of [port, bare]) await workload.run(side, count);
  const pairs: { port: number; bare: number }[] = [];
  for (let round = 0; round < options.rounds; round++) {
    // In turn first: whoever is second finds a warmer disk, and a busier one.
    if (round % 2 === 0) {
      const mine = await perSecond(workload, port, count);
      pairs.push({ port: mine, bare: await perSecond(workload, bare, count) });
    } else {
      const theirs = await perSecond(workload, bare, count);
      pairs.push({ port: await perSecond(workload, port, count), bare: theirs });
    }
  }
  return {
    workload: workload.name,
    port: median(pairs.map((pair) => pair.port)),
    bare: median(pairs.map((pair) => pair.bare)),
    ratio: median(pairs.map((pair) => pair.bare / pair.port)),
  };
}

/** How many operations fill a block. */
async function countFor(workload: Workload, side: StoreSide, blockMs: number): Promise<number> {
  for (let count = 8; ; count *= 2) {
    const started = performance.now();
    const done = await workload.run(side, count);
    const took = performance.now() - started;
    if (took >= blockMs / 2) return Math.max(8, Math.round((done * blockMs) / took));
  }
}

async function perSecond(workload: Workload, side: StoreSide, count: number): Promise<number> {
  const started = performance.now();
  const done = await workload.run(side, count);
  return (done * 1000) / (performance.now() - started);
}
