import { randomUUID } from 'node:crypto';
import type { Json } from '@northstar/sdk';
import { SYSTEM_TENANT } from '../identity/request-context.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { EventSpine, StoredEvent, StreamRef } from '../stores/event-spine.ts';
import type { HintBus } from '../stores/hint-bus.ts';
import { StoreError } from '../stores/store-error.ts';
import { tailStream } from '../stores/tail-stream.ts';
import { withHints } from '../stores/with-hints.ts';
import type { ChangeFeed, ChangeKind, ChangeListener, HostChange } from './change-feed.ts';

export interface SpineChangeFeedParts {
  /** The control store's spine, which all hosts of the deployment share. */
  readonly spine: EventSpine;
  readonly hints: HintBus;
  readonly logger: Logger;
}

const AT: StreamRef = { tenantId: SYSTEM_TENANT, stream: 'host/changes' };
/** Milliseconds without a hint until it looks by itself: half of the second that a change may take. */
const POLL_MS = 500;
/** Milliseconds before it tries again after the store failed. */
const RETRY_MS = 500;
/** Milliseconds for which changes are kept: a host that was cut off for longer is told that it missed some. */
const KEEP_MS = 10 * 60_000;
const TRIM_EVERY_MS = 60_000;

/** The change feed as one stream of the control store's spine: each host tails it from where it was when it started. */
export class SpineChangeFeed implements ChangeFeed {
  readonly #spine: EventSpine;
  readonly #hints: HintBus;
  readonly #logger: Logger;
  readonly #host = randomUUID();
  readonly #listeners = new Map<ChangeKind, Set<(change: HostChange) => void>>();
  readonly #missed = new Set<() => void>();
  readonly #closing = new AbortController();
  #tail: Promise<void> = Promise.resolve();
  #cursor: string | undefined;
  /** Where the stream stood a while ago; trimmed up to there once that is `KEEP_MS` back. */
  #marks: { cursor: string; at: number }[] = [];

  private constructor({ spine, hints, logger }: SpineChangeFeedParts) {
    this.#spine = withHints(spine, hints);
    this.#hints = hints;
    this.#logger = logger;
  }

  /** Begins at the newest change: what was before, this host reads from the stores when it starts. */
  static async open(parts: SpineChangeFeedParts): Promise<SpineChangeFeed> {
    const feed = new SpineChangeFeed(parts);
    feed.#cursor = (await feed.#spine.head(AT))?.cursor;
    feed.#tail = feed.#follow();
    return feed;
  }

  async publish(change: HostChange): Promise<void> {
    await this.#spine.append(AT, { type: change.kind, data: { host: this.#host, change } as unknown as Json });
  }

  on<K extends ChangeKind>(kind: K, listener: ChangeListener<K>): void {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners.add(listener as (change: HostChange) => void));
  }

  onMissed(listener: () => void): void {
    this.#missed.add(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#tail;
    await this.#hints.close();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const after = this.#cursor;
        const options = { signal, pollMs: POLL_MS, ...(after !== undefined && { after }) };
        for await (const event of tailStream(this.#spine, this.#hints, AT, options)) {
          this.#cursor = event.cursor;
          this.#deliver(event);
          void this.#trim(event.cursor);
        }
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error);
      }
    }
  }

  /** A store that fails is asked again; a cursor that retention has overtaken means that changes were missed. */
  async #recover(error: unknown): Promise<void> {
    const missed = error instanceof StoreError && error.code === 'cursor_invalid';
    this.#logger.log('warn', missed ? 'changes of other hosts were missed' : 'changes cannot be read', {
      ...errorFields(error),
    });
    if (missed) {
      const head = await this.#spine.head(AT).catch(() => undefined);
      if (head !== undefined) {
        this.#cursor = head.cursor;
        for (const listener of this.#missed) listener();
        return;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }

  #deliver({ data }: StoredEvent): void {
    const { host, change } = (data ?? {}) as unknown as { host?: string; change?: HostChange };
    if (host === this.#host || change === undefined) return;
    // A newer host may publish kinds that this one does not know.
    for (const listener of this.#listeners.get(change.kind) ?? []) listener(change);
  }

  async #trim(cursor: string): Promise<void> {
    const now = Date.now();
    const last = this.#marks.at(-1);
    if (last && now - last.at < TRIM_EVERY_MS) return;
    this.#marks.push({ cursor, at: now });
    const old = this.#marks.filter(({ at }) => now - at >= KEEP_MS);
    const before = old.at(-1)?.cursor;
    if (before === undefined) return;
    this.#marks = this.#marks.filter(({ at }) => now - at < KEEP_MS);
    // Another host may have trimmed further already, and the next mark comes anyway.
    await this.#spine.trim(AT, { before }).catch(() => undefined);
  }
}
