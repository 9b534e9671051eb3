import { randomBytes } from 'node:crypto';
import type { OtlpExporter } from './otlp-exporter.ts';

export type Attributes = Readonly<Record<string, string | undefined>>;

export interface SpanEvent {
  readonly name: string;
  /** Nanoseconds since the epoch, as OTLP writes them. */
  readonly at: string;
  readonly attributes: Attributes;
}

/** A span that is over. */
export interface EndedSpan {
  readonly name: string;
  /** Hex, 32 and 16 digits. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string | undefined;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly failed: boolean;
}

/** W3C trace context; its last two digits say whether the caller samples this trace. */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const MOST_EVENTS = 64;

/** One span at a time, given to the exporter when it ends. */
export class Span {
  readonly #name: string;
  readonly #exporter: OtlpExporter;
  readonly #ids: { traceId: string; parentId?: string | undefined };
  readonly #startedAt = now();
  readonly #events: SpanEvent[] = [];
  readonly #attributes: Attributes;

  constructor(
    exporter: OtlpExporter,
    about: { name: string; traceparent?: string | undefined; attributes: Attributes },
  ) {
    const [, traceId, parentId] = TRACEPARENT.exec(about.traceparent ?? '') ?? [];
    this.#ids = { traceId: traceId ?? randomBytes(16).toString('hex'), parentId };
    this.#exporter = exporter;
    this.#name = about.name;
    this.#attributes = about.attributes;
  }

  event(name: string, attributes: Attributes): void {
    if (this.#events.length < MOST_EVENTS) this.#events.push({ name, at: now(), attributes });
  }

  end(attributes: Attributes, failed: boolean): void {
    this.#exporter.add({
      name: this.#name,
      ...this.#ids,
      spanId: randomBytes(8).toString('hex'),
      startedAt: this.#startedAt,
      endedAt: now(),
      attributes: { ...this.#attributes, ...attributes },
      events: this.#events,
      failed,
    });
  }
}

/** Whether a caller asks that its trace is not recorded. Without a word from the caller it is. */
export function sampled(traceparent: string | undefined): boolean {
  const flags = TRACEPARENT.exec(traceparent ?? '')?.[3];
  return flags === undefined || (Number.parseInt(flags, 16) & 1) === 1;
}

/** Nanoseconds since the epoch. */
function now(): string {
  return String(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n);
}
