import type { Decision, DecisionLog } from '../spine/decision-log.ts';
import { withinTime } from '../errors/within-time.ts';
import { isMissingRoute, NorthstarError } from '../errors/northstar-error.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { GateChain, Verdict } from './gate-chain.ts';
import type { PolicyQuestion } from './gate.ts';
import { mintPermit, type Permit } from './permit.ts';

export type Ruling = { readonly permit: Permit } | { readonly permit?: never; readonly refused: NorthstarError };

/**
 * Asks the chain, records the answer, and only then hands out a Permit. A decision that cannot be recorded is a
 * denial: a call that nobody can prove later must not happen.
 */
export class PolicyEngine {
  readonly #chain: GateChain;
  readonly #decisions: DecisionLog;
  readonly #logger: Logger;

  constructor(parts: { chain: GateChain; decisions: DecisionLog; logger: Logger }) {
    this.#chain = parts.chain;
    this.#decisions = parts.decisions;
    this.#logger = parts.logger;
  }

  async rule(question: PolicyQuestion): Promise<Ruling> {
    const started = performance.now();
    const verdict = await this.#chain.decide(question);
    if (!verdict.allowed && verdict.cause !== undefined)
      this.#logger.log('error', 'gate failed', {
        gate: verdict.gate,
        action: question.action,
        ...errorFields(verdict.cause),
      });
    const failure = await this.#record(question, toDecision(verdict), (performance.now() - started) * 1000);
    // Denied already, and the record is missing for the same reason: the gate's word says more.
    const unrouted = !verdict.allowed && isMissingRoute(failure);
    if (failure !== undefined && !unrouted) return { refused: failure };
    if (verdict.allowed) return { permit: mintPermit(question.action) };
    const { denial, gate } = verdict;
    return { refused: new NorthstarError(denial.code, denial.message, { gate, details: denial.details ?? {} }) };
  }

  /** Records a refusal that was decided before the chain was asked. Rejects when it cannot be recorded. */
  async recordRefusal(question: PolicyQuestion, refusal: { gate: string; code: string }): Promise<void> {
    const failure = await this.#record(question, { allowed: false, ...refusal }, 0);
    if (failure !== undefined) throw failure;
  }

  async #record(question: PolicyQuestion, decision: Decision, latencyUs: number): Promise<NorthstarError | undefined> {
    try {
      await withinTime(this.#decisions.record(question, decision, latencyUs), RECORD_TIMEOUT_MS, {
        what: 'not recorded',
      });
      return undefined;
    } catch (cause) {
      if (isMissingRoute(cause)) return cause;
      this.#logger.log('error', 'decision not recorded', { action: question.action, ...errorFields(cause) });
      return unrecorded(question);
    }
  }
}

/** Milliseconds that a decision has to become durable; a store that hangs must not hang its callers. */
const RECORD_TIMEOUT_MS = 10_000;

function toDecision(verdict: Verdict): Decision {
  return verdict.allowed ? { allowed: true } : { allowed: false, gate: verdict.gate, code: verdict.denial.code };
}

function unrecorded(question: PolicyQuestion): NorthstarError {
  return new NorthstarError(
    'audit.unavailable',
    `The decision on ${question.action} could not be recorded, so the call is denied. Try again; if it stays so, tell the operator.`,
    { gate: 'audit' },
  );
}
