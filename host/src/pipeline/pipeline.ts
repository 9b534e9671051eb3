import { toEnvelopeSource } from '../errors/to-envelope-source.ts';
import { errorEnvelope, type ErrorEnvelope } from '../errors/error-envelope.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import { sha256OfJson } from '../spine/digest.ts';
import { Holds } from '../policy/hold.ts';
import type { PolicyEngine } from '../policy/policy-engine.ts';
import type { Stay } from '../policy/scope-lifetime.ts';
import type { DecisionLog } from '../spine/decision-log.ts';
import type { RefusalLog } from '../spine/refusal-log.ts';
import type { CallTelemetry } from '../telemetry/call-telemetry.ts';
import { Afterwork } from './afterwork.ts';
import { CallRunner, type AllowedCall, type Running } from './call-runner.ts';
import type { ContextFactory } from './context-factory.ts';
import { heldUntilRead } from './held-until-read.ts';
import { explainRefusal, explainVerdict, type Explanation } from './explanation.ts';
import type { Answer, Invocation, Outcome } from './invocation.ts';
import type { JobDesk } from './jobs/job-desk.ts';
import { JobStarter } from './jobs/job-starter.ts';
import { policyQuestion } from './policy-question.ts';

export interface PipelineParts {
  readonly policy: PolicyEngine;
  readonly decisions: DecisionLog;
  readonly refusals: RefusalLog;
  readonly contexts: ContextFactory;
  readonly telemetry: CallTelemetry;
  readonly jobs: JobDesk;
  readonly logger: Logger;
  readonly limits: { readonly inFlight: number; readonly resultBytes: number };
}

/**
 * The one way to run anything of a muscle: check the arguments, ask policy, run under a deadline, check the answer,
 * record how it ended. MCP, HTTP, stdio and the command line all come through here; none of them sees a handler.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #afterwork: Afterwork;
  readonly #runner: CallRunner;
  readonly #jobs: JobStarter;
  #inFlight = 0;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    const { contexts, decisions, telemetry, jobs, logger } = parts;
    const { resultBytes } = parts.limits;
    const afterwork = new Afterwork(logger);
    const runner = new CallRunner({ contexts, decisions, afterwork, resultBytes });
    const refusal = this.refusal.bind(this);
    this.#afterwork = afterwork;
    this.#runner = runner;
    this.#jobs = new JobStarter({ desk: jobs, runner, telemetry, afterwork, refusal, resultBytes });
  }

  /** Calls that run now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Never rejects: a refusal is an outcome. */
  async invoke(invocation: Invocation): Promise<Outcome> {
    const { context, scope } = invocation;
    const { name: action, toolId, kind } = scope.facts;
    const watch = this.#parts.telemetry.start({ context, action, toolId, kind });
    let stay: Stay | undefined;
    try {
      stay = invocation.stay ?? scope.enter();
      const answer = await this.#run(invocation, { stay, watch });
      watch.end(answer.kind === 'value' && answer.isError ? 'muscle.reported_error' : 'ok');
      return { ok: true, answer: heldUntilRead(answer, scope) };
    } catch (thrown) {
      const envelope = this.refusal(thrown, invocation);
      watch.end(envelope.error.code);
      return { ok: false, envelope };
    } finally {
      stay?.leave();
    }
  }

  /**
   * What `invoke` would be told by policy, without calling, taking, writing or recording anything. With `args`
   * undefined the question is about the scope: arguments that it needs are then no reason to refuse.
   */
  async explain(invocation: Omit<Invocation, 'io'>): Promise<Explanation> {
    const { policy } = this.#parts;
    const { scope, args } = invocation;
    const { name } = scope.facts;
    const parsed = await scope.facts.parseInput(args ?? {});
    if (parsed.ok) scope.facts.releaseInput?.(parsed.value);
    if (!parsed.ok && args !== undefined)
      return explainRefusal(name, argumentsRefused(name, parsed.issues), policy.gateNames);
    const question = policyQuestion(invocation, parsed.ok ? parsed.value : undefined);
    return explainVerdict(name, await policy.explain(question), parsed.ok ? question.argumentDigest : undefined);
  }

  /** The envelope of whatever was thrown for a call, and the log entry that its reference id leads to. */
  refusal(thrown: unknown, { context, scope }: Pick<Invocation, 'context' | 'scope'>): ErrorEnvelope {
    const { requestId } = context;
    const toLog = (original: unknown): void => this.#logFailure(original, scope.facts.name, requestId);
    // Masked for the caller, but the muscle's author needs to know what did not fit.
    if (thrown instanceof NorthstarError && thrown.status >= 500 && thrown.cause !== undefined) toLog(thrown);
    const source = toEnvelopeSource(thrown, requestId, toLog);
    if (source.code !== 'internal') return errorEnvelope(source, requestId);
    const masked = new NorthstarError(
      'internal',
      `internal: ${scope.facts.name} failed in a way that its author did not foresee. Quote ${requestId} to the operator: the host's log has the cause under it.`,
    );
    return errorEnvelope(masked, requestId);
  }

  #logFailure(original: unknown, action: string, requestId: string): void {
    const facts = { action, request_id: requestId };
    try {
      this.#parts.logger.log('error', 'call failed', { ...facts, ...errorFields(original) });
    } catch {
      this.#parts.logger.log('error', 'call failed', { ...facts, error: 'what was thrown cannot be printed' });
    }
  }

  /** Resolves once every finished call is recorded and holds nothing any more; for an orderly shutdown. */
  async drain(): Promise<void> {
    await this.#afterwork.drain();
  }

  async #run(invocation: Invocation, running: Running): Promise<Answer> {
    if (this.#inFlight >= this.#parts.limits.inFlight) return this.#refuseForLoad(invocation);
    this.#inFlight++;
    try {
      return await this.#governed(invocation, running);
    } finally {
      this.#inFlight--;
    }
  }

  async #governed(invocation: Invocation, running: Running): Promise<Answer> {
    const { facts } = invocation.scope;
    const parsed = await facts.parseInput(invocation.args ?? {});
    if (!parsed.ok) return this.#refuseArguments(invocation, parsed.issues);
    const release = (): void => facts.releaseInput?.(parsed.value);
    let allowed: AllowedCall;
    try {
      allowed = { ...(await this.#ruled(invocation, parsed.value, running)), args: parsed.value, release };
    } catch (refused) {
      release();
      throw refused;
    }
    if (facts.job) return this.#jobs.start(invocation, allowed);
    return this.#runner.run(invocation, allowed, running);
  }

  async #ruled(
    invocation: Invocation,
    args: unknown,
    { watch }: Running,
  ): Promise<Pick<AllowedCall, 'question' | 'permit' | 'holds'>> {
    const question = policyQuestion(invocation, args);
    const ruling = await this.#parts.policy.rule(question, watch);
    if (ruling.permit === undefined) throw ruling.refused;
    const holds = new Holds();
    await holds.add(ruling.hold);
    return { question, permit: ruling.permit, holds };
  }

  async #refuseForLoad({ scope, context }: Invocation): Promise<never> {
    const code = 'overload.in_flight';
    const busy = `The host is running ${this.#inFlight} calls, as many as it takes. Try again in a moment.`;
    const { requestId, transport } = context;
    await this.#parts.refusals.ofCaller(context, { code, transport, requestId, action: scope.facts.name });
    throw new NorthstarError(code, busy);
  }

  /** Wrong arguments never reach policy, but they are a refusal all the same and stand in the audit. */
  async #refuseArguments(invocation: Invocation, issues: readonly { path: string; message: string }[]): Promise<never> {
    const { scope, args } = invocation;
    const question = policyQuestion(invocation, undefined, sha256OfJson(args));
    await this.#parts.policy.recordRefusal(question, { gate: 'validation', code: 'validation.failed' });
    throw argumentsRefused(scope.facts.name, issues);
  }
}

function argumentsRefused(action: string, issues: readonly { path: string; message: string }[]): NorthstarError {
  const named = issues.slice(0, 5).map((issue) => `${issue.path || '(arguments)'}: ${issue.message}`);
  return new NorthstarError(
    'validation.failed',
    `validation.failed: the arguments of ${action} do not fit its input schema. ${named.join('; ')}. Correct them and call again.`,
    {
      gate: 'validation',
      details: { action_name: action, issues: issues.slice(0, 50).map((issue) => ({ ...issue })) },
    },
  );
}
