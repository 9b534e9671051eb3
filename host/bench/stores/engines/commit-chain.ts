import { randomUUID } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import type { EventSide } from '../store-side.ts';

/** Events that one create brought into a stream; `first` is the number of the first of them. */
export interface Commit {
  readonly first: number;
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly at: string;
    readonly json: string;
  }[];
}

/** What a document database has to offer, by hand, for a stream of numbered events. */
export interface CommitChain {
  newest(): Promise<Commit | undefined>;
  /** Fails when there is a commit at that place. */
  create(commit: Commit): Promise<unknown>;
  /** Those whose first event has one of these numbers, in order. */
  page(from: number, to: number): Promise<readonly Commit[]>;
}

/** Numbers of a page: they have no gap, so a page by number has about as many events, however they were committed. */
const PAGE = 1000;

/** The bare side of every document database: reads the newest commit and creates the one behind it. */
export function bareCommits(chain: CommitChain): EventSide {
  const appendTogether = async (batch: readonly Json[]): Promise<void> => {
    const head = await chain.newest();
    const now = new Date().toISOString();
    const before = head?.events.at(-1)?.at ?? '';
    const at = before > now ? before : now;
    const events = batch.map((data) => ({ id: randomUUID(), type: 'bench.happened', at, json: JSON.stringify(data) }));
    await chain.create({ first: head ? head.first + head.events.length : 1, events });
  };
  return {
    append: (data) => appendTogether([data]),
    appendTogether,
    async replay() {
      let found = 0;
      for (;;) {
        const commits = await chain.page(found + 1, found + PAGE);
        if (commits.length === 0) return found;
        for (const { first, events } of commits) {
          const parsed = events.map(({ json, ...event }, i) => ({
            ...event,
            seq: first + i,
            data: JSON.parse(json) as Json,
          }));
          found += parsed.length;
        }
      }
    },
  };
}

/** As text whose order is that of the numbers. */
export function padded(seq: number): string {
  return String(seq).padStart(15, '0');
}
