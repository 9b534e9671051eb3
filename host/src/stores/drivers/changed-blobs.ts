/** Blobs that are remembered. Whoever forgets one finds it changed again at its next read. */
const MAX_KEPT = 1000;

/**
 * Blobs that a read found to hold other bytes than were put, by the SHA-256 that they were put under. The next put of
 * those bytes sends them again, although the service has a blob of that name and size.
 */
export class ChangedBlobs {
  readonly #names = new Set<string>();

  add(name: string): void {
    if (this.#names.size >= MAX_KEPT) this.#names.clear();
    this.#names.add(name);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** They were sent again. */
  delete(name: string): void {
    this.#names.delete(name);
  }
}
