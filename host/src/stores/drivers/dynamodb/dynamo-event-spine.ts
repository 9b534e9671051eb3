import type {
  AppendEntry,
  AppendOptions,
  Appended,
  EventSpine,
  NewEvent,
  StoredEvent,
  StreamRef,
} from '../../event-spine.ts';
import { DEFAULT_PAGE } from '../../page-limit.ts';
import { commitCursors } from './commit-cursor.ts';
import { appendInTurn, streamName, toEntry, toUnits, type AppendUnit } from './append-unit.ts';
import { eventsOf, lastSeq, toStored } from './commit-item.ts';
import { CommitLog } from './commit-log.ts';
import { DYNAMO_LIMITS, DYNAMO_SPINE_CAPS } from './dynamo-caps.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { EventClaims } from './event-claims.ts';
import { readStream } from './read-stream.ts';
import { StreamAppender, type AppenderOptions } from './stream-appender.ts';
import { trimStream, type TrimOptions } from './trim-stream.ts';

export interface DynamoSpineOptions extends Partial<AppenderOptions>, TrimOptions {}

/**
 * Event streams in DynamoDB. A commit of one or more events is one item, created on the condition that its place,
 * directly behind the head, is free: the create is the lock. Numbers follow each other without gaps.
 *
 * One stream takes some hundred commits a second, each of up to 100 events; streams do not limit each other. An
 * append costs a query and a create, and with an event id a read and a create more.
 */
export class DynamoEventSpine implements EventSpine {
  readonly caps = DYNAMO_SPINE_CAPS;
  readonly limits = DYNAMO_LIMITS;
  readonly #log: CommitLog;
  readonly #claims: EventClaims;
  readonly #options: DynamoSpineOptions;
  readonly #appenders = new Map<string, StreamAppender>();

  constructor(table: DynamoTable, options: DynamoSpineOptions = {}) {
    this.#log = new CommitLog(table);
    this.#claims = new EventClaims(table, this.#log);
    this.#options = options;
  }

  async append(at: StreamRef, event: NewEvent, options?: AppendOptions): Promise<Appended> {
    const [appended] = await this.#append({ at, entries: [toEntry(at, event, options)] });
    return appended!;
  }

  async appendAll(entries: readonly AppendEntry[]): Promise<readonly Appended[]> {
    return appendInTurn(toUnits(entries.map((entry) => toEntry(entry.at, entry.event, entry))), (unit) =>
      this.#append(unit),
    );
  }

  async read(
    at: StreamRef,
    query: { after?: string; limit?: number } = {},
  ): Promise<{ events: readonly StoredEvent[]; more: boolean }> {
    return readStream(this.#log, at, { after: query.after, limit: query.limit ?? DEFAULT_PAGE });
  }

  async head(at: StreamRef): Promise<StoredEvent | undefined> {
    const commit = await this.#log.newest(at);
    if (!commit) return undefined;
    const place = { seq: lastSeq(commit), first: commit.first };
    return toStored(eventsOf(commit).at(-1)!, place, commitCursors(at));
  }

  async trim(at: StreamRef, { before }: { before: string }): Promise<void> {
    await trimStream(at, { log: this.#log, claims: this.#claims }, before, this.#options);
  }

  #append(unit: AppendUnit): Promise<readonly Appended[]> {
    const name = streamName(unit.at);
    let appender = this.#appenders.get(name);
    if (!appender) {
      const { now = Date.now, trustHeadMs } = this.#options;
      // There may be a stream per session: none is kept here that nobody writes to.
      const idle = (): void => void this.#appenders.delete(name);
      const parts = { log: this.#log, claims: this.#claims, idle };
      appender = new StreamAppender(unit.at, parts, { now, trustHeadMs });
      this.#appenders.set(name, appender);
    }
    return appender.append(unit);
  }
}
