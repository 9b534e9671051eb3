import type { Capability, Json, JsonObject, MuscleLog, RequestFacts } from '@northstar/sdk';
import type { RequestContext } from '../identity/request-context.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { Logger, LogLevel } from '../log/logger.ts';
import type { PolicyQuestion } from '../policy/gate.ts';
import type { Holds } from '../policy/hold.ts';
import type { PolicyEngine } from '../policy/policy-engine.ts';
import type { CallWatch } from '../telemetry/call-telemetry.ts';
import type { CapabilityFactory } from './capability-factory.ts';
import type { Deadline } from './deadline.ts';
import type { JobDesk } from './jobs/job-desk.ts';
import { JOBS, type JobView } from './jobs/job-view.ts';
import type { CallerIo } from './invocation.ts';

export interface ContextFactoryParts {
  readonly policy: PolicyEngine;
  readonly capabilities: CapabilityFactory;
  readonly jobs: JobDesk;
  readonly logger: Logger;
  readonly resourceUpdated: (tenantId: string, uri: string) => void;
}

/** One call, as far as its context depends on it. */
export interface ContextCall {
  readonly question: PolicyQuestion;
  readonly requires: readonly Capability[];
  readonly io: CallerIo;
  readonly deadline: Deadline;
  /** What finer questions take is held, and ended, with the call. */
  readonly holds: Holds;
  readonly watch: CallWatch;
  /** The job scope whose jobs the call may see: for the host's own companion scopes alone. */
  readonly jobsOf?: string | undefined;
}

/** Makes what a handler receives. The caller's token, the environment and other muscles' data are not in it. */
export class ContextFactory {
  readonly #parts: ContextFactoryParts;

  constructor(parts: ContextFactoryParts) {
    this.#parts = parts;
  }

  create(call: ContextCall): object {
    const { question, requires, io, deadline } = call;
    const { context, toolId } = question;
    return Object.freeze({
      request: requestFacts(context),
      signal: deadline.signal,
      deadline: deadline.at,
      log: this.#log(question),
      clientCapabilities: io.clientCapabilities ?? {},
      ...(io.answers && { answers: io.answers }),
      ...(io.state !== undefined && { state: io.state }),
      ...(io.upload && { upload: io.upload }),
      progress: async (update: { progress: number; total?: number; message?: string }) => {
        if (!deadline.signal.aborted) await io.progress?.(update);
      },
      notifyLog: async (level: string, data: Json) => {
        if (!deadline.signal.aborted) await io.notifyLog?.(level, data);
      },
      resourceUpdated: (uri: string) => this.#parts.resourceUpdated(context.tenantId, uri),
      gate: (action: string, subject?: { type: string; id: string }) => this.#gate(call, action, subject),
      ...(call.jobsOf !== undefined && { [JOBS]: this.#jobs(question, call.jobsOf) }),
      ...this.#parts.capabilities.grant(context, toolId, requires),
    });
  }

  #jobs({ context }: PolicyQuestion, scope: string): JobView {
    const { jobs } = this.#parts;
    return { status: (id) => jobs.status(context, scope, id), cancel: (id) => jobs.cancel(context, scope, id) };
  }

  async #gate(
    { question, holds, watch }: ContextCall,
    action: string,
    subject?: { type: string; id: string },
  ): Promise<void> {
    if (typeof action !== 'string' || action === '' || action.length > 200)
      throw new NorthstarError(
        'request.invalid',
        'ctx.gate needs the name of an action, such as media_v2.create_asset.',
      );
    const { subject: _outer, ...rest } = question;
    const ruling = await this.#parts.policy.rule({ ...rest, action, inner: true, ...(subject && { subject }) }, watch);
    if (ruling.permit === undefined) throw ruling.refused;
    await holds.add(ruling.hold);
  }

  #log({ context, toolId, action }: PolicyQuestion): MuscleLog {
    const write = (level: LogLevel) => (message: string, fields?: JsonObject) =>
      this.#parts.logger.log(level, String(message), {
        muscle: toolId,
        scope: action,
        request_id: context.requestId,
        ...(fields && { fields }),
      });
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }
}

function requestFacts(context: RequestContext): RequestFacts {
  const { requestId, runId, stepId, traceparent, mode, tenantId, projectId, appId, surfaceId, actor } = context;
  return Object.freeze({
    requestId,
    ...(runId !== undefined && { runId }),
    ...(stepId !== undefined && { stepId }),
    ...(traceparent !== undefined && { traceparent }),
    mode,
    tenantId,
    projectId,
    ...(appId !== undefined && { appId }),
    ...(surfaceId !== undefined && { surfaceId }),
    actor: Object.freeze({ type: actor.type, id: actor.id }),
  });
}
