import type { CollectionReference, DocumentSnapshot, Query } from '@google-cloud/firestore';
import type { StreamRef } from '../../event-spine.ts';
import type { Step } from './firestore-error.ts';
import type { FirestoreEngine } from './open-firestore.ts';
import { MAX_EVENTS } from '../commit-plan.ts';
import type { CommitsOfStream } from '../page-of-commits.ts';
import { END, padded, streamSortKey } from '../document-ids.ts';
import type { StoredCommit } from '../stored-commit.ts';
import { cursorForgotten } from '../stream-cursor.ts';

/** Queries go by `sort` and `ids` alone. */
export interface CommitDocument extends StoredCommit {
  /** Tenant, stream and number of the last event: see `streamSortKey`. */
  readonly sort: string;
}

/** Where the commits of streams are, and the queries for them. */
export class CommitCollection {
  readonly #engine: FirestoreEngine;

  constructor(engine: FirestoreEngine) {
    this.#engine = engine;
  }

  of(tenantId: string): CollectionReference {
    return this.#engine.db.collection(`${this.#engine.root}/${tenantId}/commits`);
  }

  /** The commits whose last event has this number or a later one, in order. */
  from(at: StreamRef, seq: number): Query {
    return this.#range(at, padded(seq), END).orderBy('sort');
  }

  /** For pages of events. Sorted by their last events, so that the bound is where the commit of event `to` must end. */
  pages(at: StreamRef): CommitsOfStream {
    const between = (from: number, to: number): Query =>
      this.#range(at, padded(from), padded(to + MAX_EVENTS))
        .orderBy('sort')
        .select('first', 'json')
        .limit(to - from + 1);
    const oldest = this.from(at, 1).select('first').limit(1);
    return {
      async *between(from, to) {
        for await (const found of between(from, to).stream()) yield toCommit(found as unknown as DocumentSnapshot);
      },
      async oldest() {
        return (await oldest.get()).docs.map(toCommit)[0];
      },
    };
  }

  /** The commits whose last event has an earlier number, in order. */
  before(at: StreamRef, seq: number): Query {
    return this.#range(at, '', padded(seq)).orderBy('sort');
  }

  newest(at: StreamRef): Query {
    return this.#range(at, '', END).orderBy('sort', 'desc').limit(1);
  }

  /**
   * The commit that keeps the event of this number.
   *
   * @throws StoreError `cursor_invalid`
   */
  async holding(at: StreamRef, seq: number): Promise<DocumentSnapshot> {
    const step: Step = { doing: `read stream ${at.stream}` };
    const [found] = (await this.#engine.calls.run(step, () => this.from(at, seq).limit(1).get())).docs;
    if (!found || toCommit(found).first > seq) throw cursorForgotten(at);
    return found;
  }

  #range(at: StreamRef, from: string, to: string): Query {
    const stream = streamSortKey(at);
    return this.of(at.tenantId)
      .where('sort', '>=', stream + from)
      .where('sort', '<', stream + to);
  }
}

export function toCommit(document: DocumentSnapshot): CommitDocument {
  return document.data() as CommitDocument;
}
