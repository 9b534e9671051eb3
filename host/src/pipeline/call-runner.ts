import { toEnvelopeSource } from '../errors/to-envelope-source.ts';
import type { PolicyQuestion } from '../policy/gate.ts';
import type { HoldOutcome, Holds } from '../policy/hold.ts';
import type { Permit } from '../policy/permit.ts';
import type { Stay } from '../policy/scope-lifetime.ts';
import type { DecisionLog } from '../spine/decision-log.ts';
import type { CallWatch } from '../telemetry/call-telemetry.ts';
import type { Afterwork } from './afterwork.ts';
import type { ContextFactory } from './context-factory.ts';
import { cancelled, startDeadline, type Deadline } from './deadline.ts';
import type { Answer, Invocation } from './invocation.ts';
import { normalizeAnswer } from './normalize-answer.ts';
import { runInPieces } from './run-in-pieces.ts';

/** One call that policy has allowed. */
export interface AllowedCall {
  readonly question: PolicyQuestion;
  readonly permit: Permit;
  /** What policy took for it. */
  readonly holds: Holds;
  /** Checked. */
  readonly args: unknown;
  /** Lets go of the arguments, wherever they are kept. */
  readonly release: () => void;
}

/** What one call runs under. */
export interface Running {
  readonly stay: Stay;
  readonly watch: CallWatch;
  /** Gets what ends the work early, before the work begins. */
  readonly onStart?: (end: Deadline['end']) => void;
}

export interface CallRunnerParts {
  readonly contexts: ContextFactory;
  readonly decisions: DecisionLog;
  readonly afterwork: Afterwork;
  /** Characters of JSON in one result. */
  readonly resultBytes: number;
}

/** Runs a handler that policy has allowed under its deadline, checks its answer and records how it ended. */
export class CallRunner {
  readonly #parts: CallRunnerParts;

  constructor(parts: CallRunnerParts) {
    this.#parts = parts;
  }

  /** Ends what the call holds, whatever comes. Rejects with what the caller is to be told. */
  async run(invocation: Invocation, allowed: AllowedCall, { stay, watch, onStart }: Running): Promise<Answer> {
    const { scope, io } = invocation;
    const { facts } = scope;
    const { question, holds } = allowed;
    const started = performance.now();
    const deadline = startDeadline(facts.name, facts.timeoutMs, io.signal);
    let code = 'ok';
    let end: HoldOutcome = 'not_run';
    try {
      stay.onEnd(deadline.end);
      onStart?.(deadline.end);
      const { requires, jobsOf } = facts;
      const ctx = this.#parts.contexts.create({ question, requires, io, deadline, holds, watch, jobsOf });
      // A caller that gave up while policy was asked must not set anything off.
      if (!deadline.signal.aborted) end = 'failed';
      const work = deadline.signal.aborted
        ? deadline.passed
        : this.#work(scope.run(allowed.permit, ctx, allowed.args), invocation, deadline.signal);
      // A handler that loses against its deadline may still reject later; that must not end the process.
      work.catch(() => undefined);
      const returned = await Promise.race([work, deadline.passed]);
      const { parseOutput } = facts;
      const answer = normalizeAnswer(returned, {
        action: facts.name,
        parseOutput,
        maxBytes: this.#parts.resultBytes,
      });
      end = holdOutcomeOf(answer);
      return answer;
    } catch (thrown) {
      // A body that breaks off fails the handler first; what happened is that the caller went away.
      const cause = io.signal?.aborted ? cancelled(facts.name) : thrown;
      code = toEnvelopeSource(cause, question.context.requestId).code;
      throw cause;
    } finally {
      deadline.clear();
      this.#recordOutcome(question, code, started);
      this.letGo(allowed, end);
    }
  }

  /** Ends what the call holds. The caller does not wait for it. */
  letGo({ question, holds, release }: AllowedCall, end: HoldOutcome): void {
    release();
    this.#parts.afterwork.add(question, 'hold not ended', holds.end(end));
  }

  async #work(returned: Promise<unknown>, { scope, io }: Invocation, signal: AbortSignal): Promise<unknown> {
    const { name: action, inPieces } = scope.facts;
    if (!inPieces) return returned;
    return runInPieces(await returned, { action, signal, deliver: io.piece, maxBytes: this.#parts.resultBytes });
  }

  #recordOutcome(question: PolicyQuestion, code: string, started: number): void {
    const latencyUs = (performance.now() - started) * 1000;
    const { decisions, afterwork } = this.#parts;
    afterwork.add(question, 'outcome not recorded', decisions.recordOutcome(question, { code, latencyUs }));
  }
}

/**
 * A call that asks its caller something is not over: it runs again with the answers, and what it took is taken again
 * then. Kept, a single-use approval would be gone before the call that it was given for.
 */
function holdOutcomeOf(answer: Answer): HoldOutcome {
  if (answer.kind === 'input') return 'not_run';
  return answer.kind === 'value' && answer.isError ? 'failed' : 'succeeded';
}
