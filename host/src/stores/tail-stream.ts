import type { EventSpine, StoredEvent, StreamRef } from './event-spine.ts';
import type { HintBus } from './hint-bus.ts';
import { streamTopic } from './with-hints.ts';

export interface TailOptions {
  /** Continues after this cursor; from the oldest event that is kept when absent. */
  readonly after?: string;
  readonly signal: AbortSignal;
  /** Milliseconds after which it looks without a hint; default 1000. */
  readonly pollMs?: number;
}

/**
 * What is in the stream, then what comes: in order, each event once, until the signal is aborted. Truth is the
 * cursor; a hint only saves waiting for the next look.
 *
 * @throws StoreError `cursor_invalid` when retention has overtaken the reader, and whatever reading throws.
 */
export async function* tailStream(
  spine: EventSpine,
  hints: HintBus,
  at: StreamRef,
  { after, signal, pollMs = 1000 }: TailOptions,
): AsyncGenerator<StoredEvent, void, undefined> {
  const bell = new Bell();
  // Before the first read: an append between that read and a later subscription would wait for the next poll.
  const unsubscribe = hints.subscribe(streamTopic(at), () => bell.ring());
  const onAbort = (): void => bell.ring();
  signal.addEventListener('abort', onAbort);
  try {
    let cursor = after;
    while (!signal.aborted) {
      const { events, more } = await spine.read(at, { after: cursor });
      for (const event of events) {
        if (signal.aborted) return;
        cursor = event.cursor;
        yield event;
      }
      if (!more) await bell.heard(pollMs);
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}

/** Remembers a ring that came while nobody listened: it came during a read, which may have missed the event. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async heard(timeoutMs: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}
