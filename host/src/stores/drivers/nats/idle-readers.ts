/** Milliseconds for which a reader may wait for the next page: half of the time after which the server forgets it. */
const TRUST_MS = 5000;
/** After this many nanoseconds without a request the server forgets a reader, whose host may have died. */
export const READER_IDLE_NS = 2 * TRUST_MS * 1_000_000;
const MAX_IDLE = 64;

/**
 * Readers of JetStream that wait for somebody to ask for the next page: to make one and to remove it costs more than
 * the page.
 */
export class IdleReaders {
  readonly #forget: (name: string) => void;
  readonly #idle = new Map<string, { readonly name: string; readonly since: number }>();

  /** @param forget removes a reader from the server. */
  constructor(forget: (name: string) => void) {
    this.#forget = forget;
  }

  /** A reader whose next message is the one behind this sequence. Nobody else gets it. */
  take(subject: string, seq: number): string | undefined {
    const found = this.#idle.get(place(subject, seq));
    if (!found) return undefined;
    this.#idle.delete(place(subject, seq));
    return performance.now() - found.since < TRUST_MS ? found.name : undefined;
  }

  leave(subject: string, seq: number, name: string): void {
    const at = place(subject, seq);
    const before = this.#idle.get(at);
    if (before) this.#forget(before.name);
    else if (this.#idle.size >= MAX_IDLE) this.#dropOldest();
    this.#idle.set(at, { name, since: performance.now() });
  }

  /** The connection was lost: nobody knows what the server still has. */
  clear(): void {
    this.#idle.clear();
  }

  #dropOldest(): void {
    const [oldest] = this.#idle;
    if (!oldest) return;
    this.#idle.delete(oldest[0]);
    this.#forget(oldest[1].name);
  }
}

function place(subject: string, seq: number): string {
  return `${subject} ${seq}`;
}
