import { cursorForgotten, streamCursors } from '../stream-cursor.ts';
import { perStream } from '../per-stream.ts';

/** Where an event is: its number, and that of the first event of its commit. */
export interface Place {
  readonly seq: number;
  readonly first: number;
}

/** Cursors of one stream. */
export interface CommitCursors {
  toCursor(seq: number, first: number): string;
  /** @throws StoreError `cursor_invalid` for garbage, and for a cursor of another stream. */
  toPlace(cursor: string): Place;
}

/** The cursor of every engine, and behind it the place in the commit: two digits, as a commit has a hundred events. */
const CURSOR = /^(.+)(\d\d)$/s;

/** A cursor says which commit its event is in: a page begins with that commit, and need not search for it. */
export const commitCursors = perStream((at): CommitCursors => {
  const numbers = streamCursors(at);
  return {
    toCursor: (seq, first) => numbers.toCursor(seq) + String(seq - first).padStart(2, '0'),
    toPlace(cursor) {
      const [, number = '', inCommit] = CURSOR.exec(String(cursor)) ?? [];
      const seq = numbers.toSeq(number);
      const first = seq - Number(inCommit);
      if (first < 1) throw cursorForgotten(at);
      return { seq, first };
    },
  };
});
