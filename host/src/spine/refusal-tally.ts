/** How often one kind of refusal was only counted. */
export interface CountedRefusals {
  readonly code: string;
  /** Who it came from; `*` for all that have no tally of their own. */
  readonly source: string;
  readonly count: number;
  /** ISO 8601, of the first and last that was counted. */
  readonly firstAt: string;
  readonly lastAt: string;
}

interface Kind {
  readonly code: string;
  readonly source: string;
  recorded: number;
  counted: number;
  firstAt: number;
  lastAt: number;
}

/** Records of one kind, and of all kinds together, within one interval; what is beyond them is counted. */
const MOST_OF_A_KIND = 10;
const MOST_IN_ALL = 60;
/** Sources with a tally of their own. Senders choose their addresses, codes are few: so memory stays small. */
const MOST_SOURCES = 20;

/**
 * Says which refused requests get a record of their own, and counts the others. Whoever sends requests that are refused
 * before anybody is known costs the disk a bounded number of records, and no kind of refusal goes without one.
 */
export class RefusalTally {
  readonly #kinds = new Map<string, Kind>();
  readonly #now: () => number;
  #recorded = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** True: write it down by itself. False: it was counted. */
  admit(code: string, source: string): boolean {
    const kind = this.#kindOf(code, source);
    const first = kind.recorded === 0;
    if (first || (kind.recorded < MOST_OF_A_KIND && this.#recorded < MOST_IN_ALL)) {
      kind.recorded++;
      this.#recorded++;
      return true;
    }
    kind.lastAt = this.#now();
    if (kind.counted++ === 0) kind.firstAt = kind.lastAt;
    return false;
  }

  /** Ends the interval: what was counted in it, and every kind starts anew. */
  close(): CountedRefusals[] {
    const counted = [...this.#kinds.values()].filter(({ counted }) => counted > 0);
    this.#kinds.clear();
    this.#recorded = 0;
    return counted.map(({ code, source, counted: count, firstAt, lastAt }) => ({
      code,
      source,
      count,
      firstAt: new Date(firstAt).toISOString(),
      lastAt: new Date(lastAt).toISOString(),
    }));
  }

  #kindOf(code: string, source: string): Kind {
    const known = this.#kinds.get(`${code} ${source}`);
    if (known) return known;
    const owner = this.#kinds.size < MOST_SOURCES ? source : '*';
    const key = `${code} ${owner}`;
    const kind = this.#kinds.get(key) ?? { code, source: owner, recorded: 0, counted: 0, firstAt: 0, lastAt: 0 };
    this.#kinds.set(key, kind);
    return kind;
  }
}
