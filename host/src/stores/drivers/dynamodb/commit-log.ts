import type { StreamRef } from '../../event-spine.ts';
import { commitKey, commitRange, HEAD_ATTRIBUTES, toCommit, toHead, type Commit, type Head } from './commit-item.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';

/** From which event on a stream is kept, and in which commit that event is. */
export interface Kept {
  readonly from: number;
  readonly commit: number;
}

type CommitItem = Parameters<typeof toCommit>[0];

/** The items of a stream: its commits, and what retention remembers. */
export class CommitLog {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  async newest(at: StreamRef): Promise<Commit | undefined> {
    const query = { ...commitRange(at, {}), newestFirst: true, limit: 1 };
    for await (const item of this.#table.query<CommitItem>(query, `read stream ${at.stream}`)) return toCommit(item);
    return undefined;
  }

  async head(at: StreamRef): Promise<Head> {
    const query = { ...commitRange(at, {}), newestFirst: true, limit: 1, only: HEAD_ATTRIBUTES };
    for await (const item of this.#table.query<CommitItem>(query, `read stream ${at.stream}`)) return toHead(item);
    return { seq: 0, first: 0, at: '' };
  }

  async get(at: StreamRef, first: number): Promise<Commit | undefined> {
    const item = await this.#table.get<CommitItem>(commitKey(at, first), `read stream ${at.stream}`);
    return item && toCommit(item);
  }

  /** In order. `limit` is how many are asked for per request; without it, as many as the service gives. */
  async *range(at: StreamRef, bounds: { from?: number; to?: number }, limit?: number): AsyncGenerator<Commit> {
    const query = { ...commitRange(at, bounds), limit };
    for await (const item of this.#table.query<CommitItem>(query, `read stream ${at.stream}`)) yield toCommit(item);
  }

  /** @throws StoreError `conflict` when there is a commit at this place already. */
  async create(at: StreamRef, { first, ...rest }: Commit): Promise<void> {
    await this.#table.put(commitKey(at, first), rest, 'absent', `append to stream ${at.stream}`);
  }

  async remove(at: StreamRef, { first, token }: Commit): Promise<void> {
    await this.#table.delete(commitKey(at, first), { equals: { token } }, `trim stream ${at.stream}`);
  }

  async kept(at: StreamRef): Promise<Kept> {
    const item = await this.#table.get<Kept>(keptKey(at), `read stream ${at.stream}`);
    return item ?? { from: 1, commit: 1 };
  }

  /** @throws StoreError `conflict` when it is no longer `before` that is kept. */
  async keep(at: StreamRef, { from, commit }: Kept, before: Kept): Promise<void> {
    const condition = before.from === 1 ? 'absent' : { equals: { from: before.from } };
    await this.#table.put(keptKey(at), { from, commit }, condition, `trim stream ${at.stream}`);
  }
}

/** Beside the commits, sorting behind them and outside of their range. */
function keptKey(at: StreamRef): ItemKey {
  return { ...commitKey(at, 0), sk: 'kept' };
}
