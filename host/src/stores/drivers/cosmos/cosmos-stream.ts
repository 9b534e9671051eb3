import type { OperationInput } from '@azure/cosmos';
import type { StreamRef } from '../../event-spine.ts';
import type { Head, NewCommit } from '../commit-plan.ts';
import { padded, streamId } from '../document-ids.ts';
import type { CommitsOfStream } from '../page-of-commits.ts';
import { forgetBefore, knownIn, type Known, type StoredCommit } from '../stored-commit.ts';
import { isRefusedCondition } from './cosmos-calls.ts';
import { itemsOf, type CosmosEngine } from './open-cosmos.ts';

/** One commit. Its id is the number, sixteen digits, that its first event had when it was written. */
interface CommitItem extends StoredCommit {
  readonly id: string;
  readonly pk: string;
}

/** The newest commit, as far as an append needs it. */
export interface CosmosHead extends Head {
  readonly id: string;
}

/** The item that a stream has from its first commit on, and for ever. */
const START = 'start';
/** Event ids that one query looks for. */
const IDS_PER_QUERY = 30;
/** Deletes of one batch; an engine takes 100 operations. */
const TRIM_CHUNK = 100;

/** One stream: a partition, its queries and its batches. */
export class CosmosStream {
  readonly at: StreamRef;
  /** Tenant and hash of the stream. In the partition key, and in the filter of every query. */
  readonly pk: string;
  readonly #engine: CosmosEngine;

  constructor(engine: CosmosEngine, at: StreamRef) {
    this.#engine = engine;
    this.at = at;
    this.pk = `e|${at.tenantId}|${streamId(at)}`;
  }

  /** For pages of events. */
  commits(signal: AbortSignal): CommitsOfStream {
    const where = 'c.last >= @from AND c.first <= @to ORDER BY c.last';
    return {
      between: (from, to) => this.#query('c.first, c.json', where, { from, to }, signal),
      oldest: () => first(this.#query('TOP 1 c.first', 'c.last >= 1 ORDER BY c.last', {}, signal)),
    };
  }

  newest(signal: AbortSignal): Promise<StoredCommit | undefined> {
    return first(this.#query('TOP 1 c.first, c.json', 'c.last >= 1 ORDER BY c.last DESC', {}, signal));
  }

  head(signal: AbortSignal): Promise<CosmosHead | undefined> {
    return first(this.#query('TOP 1 c.id, c.last, c.lastAt', 'c.last >= 1 ORDER BY c.last DESC', {}, signal));
  }

  /** Those of these event ids that are in the stream, by their hashes. `write` names the call that asks. */
  async known(idHashes: readonly string[], write: string, signal: AbortSignal): Promise<Map<string, Known>> {
    const known = new Map<string, Known>();
    for (let i = 0; i < idHashes.length; i += IDS_PER_QUERY) {
      const some = idHashes.slice(i, i + IDS_PER_QUERY).map((hash, n) => [`id${n}`, hash] as const);
      const where = some.map(([name]) => `ARRAY_CONTAINS(c.ids, @${name})`).join(' OR ');
      const found = this.#query('c.first, c.ids, c.write', `(${where})`, Object.fromEntries(some), signal);
      for await (const commit of found) for (const [id, there] of knownIn([commit], write)) known.set(id, there);
    }
    return known;
  }

  /**
   * Creates commits behind this head: all of them, or none and false when another writer was quicker.
   *
   * The batch first reads the head, and so fails when that has been trimmed meanwhile: the next number, if it had been
   * taken and trimmed as well, would be free again. The first commit has no head to read; it creates the item that
   * tells that the stream has begun.
   */
  create(
    head: CosmosHead | undefined,
    commits: readonly NewCommit[],
    write: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const guard: OperationInput = head
      ? { operationType: 'Read', id: head.id, partitionKey: this.pk }
      : { operationType: 'Create', resourceBody: { id: START, pk: this.pk, ...this.#names() } };
    const creates = commits.map(({ at: _, ...commit }): OperationInput => {
      const item: CommitItem = { id: padded(commit.first), pk: this.pk, ...this.#names(), ...commit, write };
      return { operationType: 'Create', resourceBody: { ...item } };
    });
    return this.#batch([guard, ...creates], signal);
  }

  /** Deletes some of the oldest commits that end before this event. False when there was none left. */
  async deleteBefore(seq: number, signal: AbortSignal): Promise<boolean> {
    const found = this.#query(`TOP ${TRIM_CHUNK} c.id`, 'c.last < @seq ORDER BY c.last', { seq }, signal);
    const operations: OperationInput[] = [];
    for await (const { id } of found) operations.push({ operationType: 'Delete', id, partitionKey: this.pk });
    // When it fails, somebody else has trimmed too: what is left comes with the next query.
    if (operations.length > 0) await this.#batch(operations, signal);
    return operations.length > 0;
  }

  /** Whether the event is kept. */
  async keeps(seq: number, signal: AbortSignal): Promise<boolean> {
    return (await this.#holding(seq, signal)) !== undefined;
  }

  /** Lets the commit of this event begin with it. False when another trim changed the commit meanwhile. */
  async shorten(seq: number, abortSignal: AbortSignal): Promise<boolean> {
    const holding = await this.#holding(seq, abortSignal);
    if (!holding) return false;
    if (holding.first === seq) return true;
    const { _etag, ...item } = holding;
    const accessCondition = { type: 'IfMatch', condition: _etag };
    try {
      const shorter = { ...item, ...forgetBefore(item, seq) };
      await this.#engine.container.item(item.id, this.pk).replace(shorter, { accessCondition, abortSignal });
      return true;
    } catch (error) {
      if (isRefusedCondition(error)) return false;
      throw error;
    }
  }

  async #holding(seq: number, signal: AbortSignal): Promise<(CommitItem & { readonly _etag: string }) | undefined> {
    const fields = 'c.id, c.pk, c.tenantId, c.stream, c.first, c.last, c.lastAt, c.ids, c.json, c.write, c._etag';
    return first(this.#query(`TOP 1 ${fields}`, 'c.first <= @seq AND c.last >= @seq ORDER BY c.last', { seq }, signal));
  }

  #query(
    what: string,
    where: string,
    values: Record<string, string | number>,
    signal: AbortSignal,
  ): AsyncGenerator<CommitItem & { readonly _etag: string }> {
    const { tenantId } = this.at;
    return itemsOf(this.#engine, { select: what, pk: this.pk, tenantId, where, with: values }, signal);
  }

  #names(): Pick<CommitItem, 'tenantId' | 'stream'> {
    return { tenantId: this.at.tenantId, stream: this.at.stream };
  }

  /** All of them or none. False when an item is missing or there already; another status is thrown. */
  async #batch(operations: OperationInput[], abortSignal: AbortSignal): Promise<boolean> {
    const { result, code } = await this.#engine.container.items.batch(operations, this.pk, { abortSignal });
    const statuses = (result ?? []).map(({ statusCode }) => statusCode);
    if (statuses.some((status) => status === 404 || status === 409 || status === 412)) return false;
    // 424 is said of those that failed because another did.
    const status = statuses.find((one) => one >= 400 && one !== 424) ?? (result ? undefined : code);
    if (status !== undefined) throw Object.assign(new Error(`A batch was answered with ${status}.`), { code: status });
    return true;
  }
}

async function first<T>(items: AsyncGenerator<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
