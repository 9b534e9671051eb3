import { hash, randomBytes } from 'node:crypto';
import type { HintBus } from '../hint-bus.ts';
import { InProcessHints } from '../in-process-hints.ts';

/** How hints travel between hosts: every host gets every payload, its own ones too or not. May lose any of them. */
export interface HintTransport {
  /** ASCII, at most 7000 bytes. */
  send(payload: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Topics in one payload: Postgres takes less than 8000 bytes, and a token with its space has 23. */
const MAX_TOKENS = 300;
/** No token: they have 22 characters. */
const EVERYTHING = '*';

/**
 * The part of a hint bus that is the same for every engine. Within this host a hint arrives at once; to the others
 * go the topics of a few milliseconds together, each once.
 *
 * A topic travels as a digest: it may be any text of any length, and a server that is shared learns no names. Two
 * topics with the same digest would wake each other's readers, which is harmless.
 */
export class RemoteHints implements HintBus {
  readonly #local = new InProcessHints();
  readonly #host = randomBytes(6).toString('base64url');
  readonly #coalesceMs: number;
  readonly #waiting = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #transport: HintTransport | undefined;

  /** @param coalesceMs milliseconds for which topics are gathered before they are sent. */
  constructor(coalesceMs: number) {
    this.#coalesceMs = coalesceMs;
  }

  publish(topic: string): void {
    const token = toToken(topic);
    this.#local.publish(token);
    if (!this.#transport) return;
    this.#waiting.add(token);
    this.#timer ??= setTimeout(() => this.#send(), this.#coalesceMs);
  }

  subscribe(topic: string, wake: () => void): () => void {
    const leaveTopic = this.#local.subscribe(toToken(topic), wake);
    const leaveEverything = this.#local.subscribe(EVERYTHING, wake);
    return () => {
      leaveTopic();
      leaveEverything();
    };
  }

  /** From now on hints reach other hosts. */
  connect(transport: HintTransport): void {
    this.#transport = transport;
  }

  /** A payload came from any host. Not trusted: the worst that a forged one does is a needless look. */
  receive(payload: string): void {
    const [host, ...tokens] = payload.split(' ');
    // Its own hints were delivered when they were published.
    if (host === this.#host) return;
    for (const token of tokens) if (token !== EVERYTHING) this.#local.publish(token);
  }

  /** After a lost connection: who knows what was missed. */
  wakeEverybody(): void {
    this.#local.publish(EVERYTHING);
  }

  async close(): Promise<void> {
    const transport = this.#transport;
    this.#transport = undefined;
    clearTimeout(this.#timer);
    await this.#local.close();
    await transport?.close();
  }

  #send(): void {
    this.#timer = undefined;
    const tokens = [...this.#waiting];
    this.#waiting.clear();
    for (let i = 0; i < tokens.length; i += MAX_TOKENS) {
      // Lost when it fails: who waits for it looks again after its poll interval.
      this.#transport?.send([this.#host, ...tokens.slice(i, i + MAX_TOKENS)].join(' ')).catch(() => {});
    }
  }
}

/** 128 bits of a digest in 22 characters. */
function toToken(topic: string): string {
  return Buffer.from(hash('sha256', topic, 'hex').slice(0, 32), 'hex').toString('base64url');
}
