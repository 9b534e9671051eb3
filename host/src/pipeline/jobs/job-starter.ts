import type { ErrorEnvelope } from '../../errors/error-envelope.ts';
import type { Stay } from '../../policy/scope-lifetime.ts';
import type { CallTelemetry } from '../../telemetry/call-telemetry.ts';
import type { Afterwork } from '../afterwork.ts';
import type { AllowedCall, CallRunner } from '../call-runner.ts';
import type { Answer, CallerIo, Invocation } from '../invocation.ts';
import { normalizeAnswer } from '../normalize-answer.ts';
import type { JobDesk, RunningJob } from './job-desk.ts';

export interface JobStarterParts {
  readonly desk: JobDesk;
  readonly runner: CallRunner;
  readonly telemetry: CallTelemetry;
  readonly afterwork: Afterwork;
  /** The envelope of what was thrown for a call. */
  readonly refusal: (thrown: unknown, call: Pick<Invocation, 'context' | 'scope'>) => ErrorEnvelope;
  /** Characters of JSON in one result. */
  readonly resultBytes: number;
}

/** Answers the call of a job scope with a job, and runs the handler behind that answer under the call's own permit. */
export class JobStarter {
  readonly #parts: JobStarterParts;

  constructor(parts: JobStarterParts) {
    this.#parts = parts;
  }

  async start(invocation: Invocation, allowed: AllowedCall): Promise<Answer> {
    const { scope, context } = invocation;
    const { name: action, toolId } = scope.facts;
    const { desk, runner, telemetry, afterwork, resultBytes } = this.#parts;
    let job: RunningJob;
    let stay: Stay | undefined;
    try {
      // The job outlives the call, and so must its hold on the version of the muscle.
      stay = scope.enter();
      job = await desk.open(context, action);
    } catch (thrown) {
      stay?.leave();
      runner.letGo(allowed, 'not_run');
      throw thrown;
    }
    const watch = telemetry.start({ context, action, toolId, kind: 'job' });
    const io: CallerIo = { progress: (update) => job.progress(update) };
    const work = runner
      .run({ scope, context, args: undefined, io }, allowed, { stay, watch, onStart: job.onEnd })
      .then(
        async (answer) => {
          watch.end('ok');
          await job.succeeded(answer);
        },
        async (thrown: unknown) => {
          const envelope = this.#parts.refusal(thrown, invocation);
          watch.end(envelope.error.code);
          await job.failed(envelope);
        },
      )
      .finally(stay.leave);
    afterwork.add(allowed.question, 'job not ended', work);
    return normalizeAnswer({ ...job.record }, { action, maxBytes: resultBytes });
  }
}
