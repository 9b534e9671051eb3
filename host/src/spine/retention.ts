import type { KeepRule, RetentionConfig } from '../config/retention-config.ts';
import type { Logger } from '../log/logger.ts';
import type { EventSpine, StoredEvent, StreamRef } from '../stores/event-spine.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import { streamKind } from './stream-kind.ts';
import { notedStreams } from './stream-notes.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const PAGE = 1000;

export interface RetentionParts {
  readonly spine: EventSpine;
  readonly tabular: TabularStore;
  readonly logger: Logger;
  readonly now?: () => number;
}

/**
 * Forgets old events, stream by stream, at intervals. A stream that cannot be read or trimmed stays as it is until the
 * next round. Several hosts may do it at once: what one has forgotten, the other finds gone.
 */
export class Retention {
  readonly #config: RetentionConfig;
  readonly #parts: RetentionParts;
  readonly #stop = new AbortController();
  #round: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(config: RetentionConfig, parts: RetentionParts) {
    this.#config = config;
    this.#parts = parts;
  }

  /** The first round comes after one interval: a host that is restarted over and over does not spend itself on it. */
  start(): void {
    this.#timer = setTimeout(() => {
      this.#round = this.run().then(
        () => (this.#stop.signal.aborted ? undefined : this.start()),
        (error: unknown) => {
          this.#parts.logger.log('warn', 'retention.failed', { error: String(error) });
          if (!this.#stop.signal.aborted) this.start();
        },
      );
    }, this.#config.everyMs).unref();
  }

  /** One round over all streams. */
  async run(): Promise<void> {
    for await (const at of notedStreams(this.#parts.tabular)) {
      if (this.#stop.signal.aborted) return;
      await this.#trim(at).catch((error: unknown) =>
        this.#parts.logger.log('warn', 'retention.stream_failed', { tenant_id: at.tenantId, error: String(error) }),
      );
    }
  }

  /** Ends after the stream that it is at. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#round;
  }

  async #trim(at: StreamRef): Promise<void> {
    const kind = streamKind(at.stream);
    // Said here once more: no note and no setting may ever cost the audit chain a record.
    if (kind === 'audit' || kind === 'other') return;
    const rule = this.#config.rules[kind];
    if (rule === undefined) return;
    const { spine, now = Date.now } = this.#parts;
    const before = await firstKept(spine, at, rule, now());
    if (before !== undefined) await spine.trim(at, { before });
  }
}

/** The cursor of the oldest event that the rule keeps; undefined when it keeps them all. */
export async function firstKept(
  spine: EventSpine,
  at: StreamRef,
  { days, events: most }: KeepRule,
  now: number,
): Promise<string | undefined> {
  const oldest = days === undefined ? '' : new Date(now - days * DAY_MS).toISOString();
  /** The last `most` places, in a ring. */
  const ring: Place[] = [];
  let count = 0;
  let first: Place | undefined;
  let byAge: Place | undefined;
  let last: Place | undefined;
  for await (const { cursor, seq, at: time } of eventsOf(spine, at)) {
    last = { cursor, seq };
    first ??= last;
    if (time >= oldest) byAge ??= last;
    // Times never go back within a stream: behind this one all are young enough.
    if (byAge && most === undefined) break;
    if (most !== undefined) ring[count++ % most] = last;
  }
  const byCount = most === undefined || count <= most ? first : ring[count % most];
  const young = byAge ?? last;
  if (first === undefined || young === undefined || byCount === undefined) return undefined;
  const cut = young.seq > byCount.seq ? young : byCount;
  return cut.seq === first.seq ? undefined : cut.cursor;
}

interface Place {
  readonly cursor: string;
  readonly seq: number;
}

async function* eventsOf(spine: EventSpine, at: StreamRef): AsyncGenerator<StoredEvent> {
  for (let after: string | undefined; ;) {
    const { events, more } = await spine.read(at, { limit: PAGE, ...(after !== undefined && { after }) });
    yield* events;
    after = events.at(-1)?.cursor ?? after;
    if (!more) return;
  }
}
