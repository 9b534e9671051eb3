import { errorFields, type Logger } from '../log/logger.ts';
import type { Attributes, EndedSpan } from './tracer.ts';

export interface OtlpSettings {
  /** Where spans are posted: `http://collector:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

/** Spans that wait to be sent; more are dropped, because tracing must never fill the memory. */
const MOST_WAITING = 4096;
const MOST_A_BATCH = 512;
const INTERVAL_MS = 1000;
const TIMEOUT_MS = 10_000;

/**
 * Sends spans as OTLP/HTTP JSON, in batches and behind the calls. A collector that does not answer costs the spans of
 * that batch and one line of log, never a call.
 */
export class OtlpExporter {
  readonly #settings: OtlpSettings;
  readonly #version: string;
  readonly #logger: Logger;
  #waiting: EndedSpan[] = [];
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(settings: OtlpSettings, { version, logger }: { version: string; logger: Logger }) {
    this.#settings = settings;
    this.#version = version;
    this.#logger = logger;
  }

  add(span: EndedSpan): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(span);
    this.#timer ??= setTimeout(() => void this.flush(), INTERVAL_MS).unref();
  }

  /** Sends what waits; resolves when it is out or given up. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#sending.then(() => this.#sendAll());
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    const spans = this.#waiting;
    this.#waiting = [];
    if (this.#dropped > 0) this.#logger.log('warn', 'spans dropped', { count: this.#dropped });
    this.#dropped = 0;
    for (let from = 0; from < spans.length; from += MOST_A_BATCH) {
      const batch = spans.slice(from, from + MOST_A_BATCH);
      await this.#send(batch).catch((error: unknown) =>
        this.#logger.log('warn', 'spans not sent', { count: batch.length, ...errorFields(error) }),
      );
    }
  }

  async #send(spans: readonly EndedSpan[]): Promise<void> {
    const { url, headers } = this.#settings;
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(this.#message(spans)),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the collector answered ${response.status}`);
  }

  #message(spans: readonly EndedSpan[]): object {
    const resource = { 'service.name': this.#settings.serviceName, 'service.version': this.#version };
    return {
      resourceSpans: [
        {
          resource: { attributes: keyValues(resource) },
          scopeSpans: [{ scope: { name: 'northstar', version: this.#version }, spans: spans.map(toOtlp) }],
        },
      ],
    };
  }
}

/** Numbers that OTLP gives to a span that serves a request, and to its success and failure. */
const SERVER = 2;
const OK = 1;
const ERROR = 2;

function toOtlp(span: EndedSpan): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId !== undefined && { parentSpanId: span.parentId }),
    name: span.name,
    kind: SERVER,
    startTimeUnixNano: span.startedAt,
    endTimeUnixNano: span.endedAt,
    attributes: keyValues(span.attributes),
    events: span.events.map(({ name, at, attributes }) => ({
      name,
      timeUnixNano: at,
      attributes: keyValues(attributes),
    })),
    status: { code: span.failed ? ERROR : OK },
  };
}

function keyValues(attributes: Attributes): object[] {
  const stated = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return stated.map(([key, value]) => ({ key, value: { stringValue: value } }));
}
