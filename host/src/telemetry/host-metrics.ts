import { ERROR_TABLE } from '../errors/error-table.ts';
import { Counter, Gauge, Histogram, type Metric } from './metrics.ts';

/**
 * What the host counts about itself. No label holds a tenant, a user or anything else that a caller chooses: scopes come
 * from loaded muscles, codes from the error table.
 */
export class HostMetrics {
  readonly #calls = new Counter('northstar_calls_total', 'Calls by scope and outcome code.', ['scope', 'code']);
  readonly #seconds = new Histogram('northstar_call_duration_seconds', 'Time of calls, policy included.', [
    'transport',
  ]);
  readonly #denials = new Counter('northstar_gate_denials_total', 'Denials by gate and code.', ['gate', 'code']);
  readonly #decisions = new Counter('northstar_decisions_recorded_total', 'Decisions in the audit.', ['decision']);
  readonly #unrecorded = new Counter(
    'northstar_decisions_unrecorded_total',
    'Decisions that could not be recorded, and so became denials.',
  );
  readonly #refused = new Counter(
    'northstar_requests_refused_total',
    'Requests that were refused before policy was asked.',
    ['code'],
  );
  readonly #storeErrors = new Counter('northstar_store_errors_total', 'Failed store operations.', ['store', 'code']);
  readonly #metrics: Metric[];

  constructor() {
    this.#metrics = [this.#calls, this.#seconds, this.#denials, this.#decisions, this.#unrecorded, this.#refused];
    this.#metrics.push(this.#storeErrors);
  }

  callEnded(call: { scope: string; transport: string; code: string; seconds: number }): void {
    this.#calls.add(call.scope, known(call.code));
    this.#seconds.observe(call.seconds, call.transport);
  }

  decided({ allowed, gate, code }: { allowed: boolean; gate?: string | undefined; code?: string | undefined }): void {
    this.#decisions.add(allowed ? 'allow' : 'deny');
    if (!allowed) this.#denials.add(gate ?? 'none', known(code ?? 'none'));
  }

  unrecorded(): void {
    this.#unrecorded.add();
  }

  refused(code: string): void {
    this.#refused.add(known(code));
  }

  storeFailed(store: string, code: string): void {
    this.#storeErrors.add(store, code);
  }

  /** Shows what somebody else counts, by one label or none. */
  gauge(about: { name: string; help: string; label?: string }, read: () => Readonly<Record<string, number>>): void {
    const { name, help, label } = about;
    const entries = (): [string[], number][] =>
      Object.entries(read()).map(([value, count]) => [label === undefined ? [] : [value], count]);
    this.#metrics.push(new Gauge({ name, help, labels: label === undefined ? [] : [label] }, entries));
  }

  /** The Prometheus text format, version 0.0.4. */
  render(): string {
    return `${this.#metrics.flatMap((metric) => metric.render()).join('\n')}\n`;
  }
}

/** Muscles make up codes of their own; as labels they are one. */
function known(code: string): string {
  return code === 'ok' || Object.hasOwn(ERROR_TABLE, code) || code.endsWith('.missing_route') ? code : 'muscle_error';
}
