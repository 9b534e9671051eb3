import { randomUUID } from 'node:crypto';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Appended, StreamRef } from '../../event-spine.ts';
import { StoreError } from '../../store-error.ts';
import { commitCursors } from './commit-cursor.ts';
import { refuseUnsent } from '../refuse-unsent.ts';
import { CommitRoom, type AppendUnit } from './append-unit.ts';
import type { Commit } from './commit-item.ts';
import type { CommitLog } from './commit-log.ts';
import type { EventClaims } from './event-claims.ts';
import { planCommit, type CommitPlan } from './plan-commit.ts';

/** Tries of one commit that others overtake, each a few milliseconds: some seconds in all. */
const MAX_TRIES = 60;

/**
 * Milliseconds after which the head that a writer has read may be out of date by more than new commits: retention may
 * have removed the place behind it, and a create there would succeed. Much less than `keepTrimmedMs` of retention.
 */
const TRUST_HEAD_MS = 30_000;

interface Waiting {
  readonly unit: AppendUnit;
  readonly resolve: (appended: readonly Appended[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface AppenderOptions {
  readonly now: () => number;
  readonly trustHeadMs?: number;
}

/**
 * The appends of this process to one stream, one commit at a time: what waits meanwhile goes into the next one, so
 * that many callers share a request and do not race each other. Other processes are met in `CommitLog.create`.
 */
export class StreamAppender {
  readonly #at: StreamRef;
  readonly #log: CommitLog;
  readonly #claims: EventClaims;
  readonly #options: AppenderOptions;
  readonly #idle: () => void;
  #waiting: Waiting[] = [];
  #running = false;

  /** @param parts.idle called when nothing waits any more; another append may follow all the same. */
  constructor(
    at: StreamRef,
    parts: { log: CommitLog; claims: EventClaims; idle: () => void },
    options: AppenderOptions,
  ) {
    this.#at = at;
    this.#log = parts.log;
    this.#claims = parts.claims;
    this.#idle = parts.idle;
    this.#options = options;
  }

  append(unit: AppendUnit): Promise<readonly Appended[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ unit, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Lets the other callers of this turn come along.
    await setImmediate();
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      const behind = this.#waiting.length;
      const sentAt = performance.now();
      try {
        const answers = await this.#commit(batch.map(({ unit }) => unit));
        batch.forEach(({ resolve, reject }, i) => {
          const answer = answers[i]!;
          if (answer instanceof StoreError) reject(answer);
          else resolve(answer);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
        refuseUnsent({ error, sentAt }, this.#waiting, behind);
      }
    }
    this.#running = false;
    this.#idle();
  }

  #nextBatch(): Waiting[] {
    const room = new CommitRoom();
    const full = this.#waiting.findIndex(({ unit }) => !room.takes(unit.entries));
    return this.#waiting.splice(0, full === -1 ? this.#waiting.length : full);
  }

  async #commit(units: readonly AppendUnit[]): Promise<CommitPlan['answers']> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const answers = await this.#try(units);
      if (answers) return answers;
      await setTimeout(Math.random() * Math.min(200, 4 * 2 ** tries));
    }
    throw new StoreError('unavailable', `Stream ${this.#at.stream} has too many writers: repeat later.`);
  }

  /** Undefined when somebody else was faster: the decisions were made on a head that is none any more. */
  async #try(units: readonly AppendUnit[]): Promise<CommitPlan['answers'] | undefined> {
    const started = performance.now();
    const head = await this.#log.head(this.#at);
    const { seq } = head;
    const ids = units.flatMap(({ entries }) => entries.flatMap(({ event }) => event.eventId ?? []));
    const claims = await Promise.all([...new Set(ids)].map((id) => this.#claims.look(this.#at, id, seq)));
    const known = new Map(claims.flatMap(({ id, there }) => (there ? [[id, there] as const] : [])));
    const { events, answers } = planCommit(units, { ...head, known }, commitCursors(this.#at), this.#options.now);
    if (events.length === 0) return answers;
    const first = seq + 1;
    if (claims.length > 0) {
      const written = new Set(events.map(({ id }) => id));
      const needed = claims.filter(({ id }) => written.has(id));
      const claimed = await Promise.all(needed.map((claim) => this.#claims.claim(this.#at, claim, first)));
      if (claimed.includes(false)) return undefined;
    }
    const json = `[${events.map(({ text }) => text).join()}]`;
    const what = { first, count: events.length, lastAt: events.at(-1)!.at, json };
    const commit: Commit = { ...what, token: randomUUID(), writtenAt: Date.now() };
    return (await this.#create(commit, started)) ? answers : undefined;
  }

  async #create(commit: Commit, started: number): Promise<boolean> {
    try {
      await this.#log.create(this.#at, commit);
    } catch (error) {
      if (error instanceof StoreError && error.code === 'conflict') return false;
      throw error;
    }
    const { trustHeadMs = TRUST_HEAD_MS } = this.#options;
    if (performance.now() - started < trustHeadMs) return true;
    // This writer slept. If retention has passed its place, nobody sees the commit there: take it back, try again.
    if ((await this.#log.kept(this.#at)).from <= commit.first) return true;
    await this.#log.remove(this.#at, commit);
    return false;
  }
}
