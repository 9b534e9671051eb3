import { randomUUID } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import type { EventSide } from '../store-side.ts';

/** The place of a commit: the number of its first event, and what the next one has to know. */
export interface Head {
  readonly first: number;
  readonly count: number;
  readonly lastAt: string;
}

/** Events that one create brought into a stream, as one text: a document of many fields is slow in every client. */
export interface Commit extends Head {
  readonly json: string;
  /** Ids of the events, for engines that find an id again by an index. */
  readonly ids: readonly string[];
}

/** What a document database has to offer, by hand, for a stream of numbered events. */
export interface CommitChain {
  /** Reads the newest commit and creates the one behind it; fails when there is one at that place. */
  append(next: (head: Head | undefined) => Commit): Promise<unknown>;
  /** Those whose first event has one of these numbers, in order. */
  page(from: number, to: number): Promise<readonly Commit[]>;
}

/** Numbers of a page: they have no gap, so a page by number has about as many events, however they were committed. */
const PAGE = 1000;

/** The bare side of every document database. */
export function bareCommits(chain: CommitChain): EventSide {
  const appendTogether = async (batch: readonly Json[]): Promise<void> => {
    const data = batch.map((one) => JSON.stringify(one));
    await chain.append((head) => {
      const now = new Date().toISOString();
      const before = head?.lastAt ?? '';
      const at = before > now ? before : now;
      const ids = data.map(() => randomUUID());
      const events = data.map((json, i) => `{"id":"${ids[i]}","type":"bench.happened","at":"${at}","data":${json}}`);
      const first = head ? head.first + head.count : 1;
      return { first, count: events.length, lastAt: at, json: `[${events.join()}]`, ids };
    });
  };
  return {
    append: (data) => appendTogether([data]),
    appendTogether,
    async replay() {
      let found = 0;
      for (;;) {
        const commits = await chain.page(found + 1, found + PAGE);
        if (commits.length === 0) return found;
        for (const { first, json } of commits) {
          const events = JSON.parse(json) as Record<string, Json>[];
          found += events.map((event, i) => ({ seq: first + i, ...event })).length;
        }
      }
    },
  };
}

/** As text whose order is that of the numbers. */
export function padded(seq: number): string {
  return String(seq).padStart(15, '0');
}
