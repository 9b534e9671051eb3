import { randomUUID } from 'node:crypto';
import { SYSTEM_TENANT } from '../../identity/request-context.ts';
import type { Partition, TabularStore } from '../../stores/tabular-store.ts';

/** Milliseconds between two signs of life of a host that has jobs. */
const BEAT_MS = 10_000;
/** Milliseconds of silence after which a host counts as dead: several beats, and clocks that differ by seconds. */
export const SILENT_MS = 60_000;
const PULSES: Partition = { tenantId: SYSTEM_TENANT, kind: 'host_pulses' };

/** By this, hosts that share their stores tell a job that takes long from one whose host has died. */
export class HostPulse {
  /** Names this host, from start to end. */
  readonly host = randomUUID();
  readonly #records: TabularStore;
  readonly #now: () => number;
  #beaten = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(records: TabularStore, now: () => number = Date.now) {
    this.#records = records;
    this.#now = now;
  }

  /** From now on until `rest`. Resolves when the others can see it; rejects when the store cannot be written. */
  async start(): Promise<void> {
    // A store that fails meanwhile is tried again at the next beat.
    this.#timer ??= setInterval(() => void this.#beat().catch(() => undefined), BEAT_MS).unref();
    if (this.#now() - this.#beaten >= BEAT_MS) await this.#beat();
  }

  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async isSilent(host: string): Promise<boolean> {
    if (host === this.host) return false;
    const found = await this.#records.get(PULSES, host);
    return found === undefined || this.#now() - Number(found.value) >= SILENT_MS;
  }

  async forget(host: string): Promise<void> {
    await this.#records.delete(PULSES, host);
  }

  async #beat(): Promise<void> {
    const now = this.#now();
    await this.#records.put(PULSES, this.host, now);
    this.#beaten = now;
  }
}
