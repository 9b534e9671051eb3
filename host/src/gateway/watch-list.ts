/** URIs that the client of one 2025 session asked to be told about. */
export class WatchList {
  readonly #uris = new Set<string>();
  /** Called after each change of the client's; what it returns is waited for before the client has its answer. */
  onChange: (uris: readonly string[]) => Promise<void> = async () => undefined;

  get size(): number {
    return this.#uris.size;
  }

  has(uri: string): boolean {
    return this.#uris.has(uri);
  }

  async add(uri: string): Promise<void> {
    this.#uris.add(uri);
    await this.onChange([...this.#uris]);
  }

  async delete(uri: string): Promise<void> {
    this.#uris.delete(uri);
    await this.onChange([...this.#uris]);
  }

  /** Takes over what the client said to another host. */
  replace(uris: readonly string[]): void {
    this.#uris.clear();
    for (const uri of uris) this.#uris.add(uri);
  }
}
