import type { RequestContext } from '../identity/request-context.ts';
import type { HostMetrics } from './host-metrics.ts';
import type { OtlpExporter } from './otlp-exporter.ts';
import { sampled, Span } from './tracer.ts';

/** What one gate said, as far as a trace shows it. */
export interface GateSeen {
  readonly gate: string;
  readonly verdict: string;
  readonly code?: string;
}

/** Follows one call from its arguments to its answer. */
export interface CallWatch {
  /** Policy's word on the call, or on a finer question that its handler asked. */
  ruled(action: string, gates: readonly GateSeen[]): void;
  /** `ok`, or the code of the envelope. */
  end(code: string): void;
}

export interface WatchedCall {
  readonly context: RequestContext;
  readonly action: string;
  readonly toolId: string;
  readonly kind: string;
}

/** Counts and times every call, and makes a span of it where a collector is configured. */
export class CallTelemetry {
  readonly #metrics: HostMetrics;
  readonly #exporter: OtlpExporter | undefined;

  constructor(metrics: HostMetrics, exporter?: OtlpExporter) {
    this.#metrics = metrics;
    this.#exporter = exporter;
  }

  start(call: WatchedCall): CallWatch {
    const started = performance.now();
    const span = this.#span(call);
    return {
      ruled: (action, gates) => {
        if (span === undefined) return;
        for (const { gate, verdict, code } of gates)
          if (verdict !== 'not_reached')
            span.event('northstar.gate', {
              'northstar.gate': gate,
              'northstar.verdict': verdict,
              'northstar.action': action,
              'northstar.code': code,
            });
      },
      end: (code) => {
        const seconds = (performance.now() - started) / 1000;
        // The call that started a job was counted when it was answered.
        if (call.kind !== 'job')
          this.#metrics.callEnded({ scope: call.action, transport: call.context.transport, code, seconds });
        span?.end({ 'northstar.code': code }, code !== 'ok');
      },
    };
  }

  #span({ context, action, toolId, kind }: WatchedCall): Span | undefined {
    if (this.#exporter === undefined || !sampled(context.traceparent)) return undefined;
    return new Span(this.#exporter, {
      name: action,
      traceparent: context.traceparent,
      attributes: {
        'northstar.action': action,
        'northstar.tool_id': toolId,
        'northstar.kind': kind,
        'northstar.tenant_id': context.tenantId,
        'northstar.mode': context.mode,
        'northstar.transport': context.transport,
        'northstar.request_id': context.requestId,
        'northstar.run_id': context.runId,
        'northstar.step_id': context.stepId,
      },
    });
  }
}
