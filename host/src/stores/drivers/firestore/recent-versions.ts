const MAX_KEPT = 2000;

/**
 * The versions that this process has read or written last. A write without a condition is made at one of them instead
 * of reading the record first; when another host has written meanwhile, Firestore refuses it, and the record is read.
 */
export class RecentVersions {
  readonly #versions = new Map<string, string>();

  get(path: string): string | undefined {
    return this.#versions.get(path);
  }

  set(path: string, version: string): void {
    if (this.#versions.size >= MAX_KEPT) this.#versions.clear();
    this.#versions.set(path, version);
  }

  delete(path: string): void {
    this.#versions.delete(path);
  }
}
