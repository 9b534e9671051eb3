import type { Decision, DecisionLog } from '../spine/decision-log.ts';
import { withinTime } from '../errors/within-time.ts';
import { isMissingRoute, NorthstarError } from '../errors/northstar-error.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { CallWatch } from '../telemetry/call-telemetry.ts';
import { HostMetrics } from '../telemetry/host-metrics.ts';
import type { GateChain } from './gate-chain.ts';
import type { PolicyQuestion } from './gate.ts';
import { Holds, type Hold } from './hold.ts';
import { mintPermit, type Permit } from './permit.ts';
import type { Denial, Verdict } from './verdict.ts';

/** An allow comes with what was taken for the call; whoever gets it ends it. */
export type Ruling =
  { readonly permit: Permit; readonly hold: Hold } | { readonly permit?: never; readonly refused: NorthstarError };

export interface PolicyEngineParts {
  readonly chain: GateChain;
  readonly decisions: DecisionLog;
  readonly logger: Logger;
  /** Where decisions are counted; without it nobody asks. */
  readonly metrics?: HostMetrics;
}

/**
 * Asks the chain, takes what the call uses up, records the answer, and only then hands out a Permit. A decision that
 * cannot be recorded is a denial: a call that nobody can prove later must not happen.
 */
export class PolicyEngine {
  readonly #chain: GateChain;
  readonly #decisions: DecisionLog;
  readonly #logger: Logger;
  readonly #metrics: HostMetrics;

  constructor(parts: PolicyEngineParts) {
    this.#chain = parts.chain;
    this.#decisions = parts.decisions;
    this.#logger = parts.logger;
    this.#metrics = parts.metrics ?? new HostMetrics();
  }

  /** What a live call would be told now, and what each gate read. Takes, writes and records nothing. */
  async explain(question: PolicyQuestion): Promise<Verdict> {
    return this.#chain.decide(question);
  }

  get gateNames(): string[] {
    return this.#chain.names;
  }

  /** `watch` sees what each gate said. */
  async rule(question: PolicyQuestion, watch?: Pick<CallWatch, 'ruled'>): Promise<Ruling> {
    const started = performance.now();
    const verdict = await this.#chain.decide(question);
    watch?.ruled(question.action, verdict.gates);
    const { policyVersion } = verdict;
    const taken = await this.#take(question, verdict);
    const denial = 'deny' in taken ? taken : undefined;
    if (denial?.cause !== undefined)
      this.#logger.log('error', 'gate failed', {
        gate: denial.gate,
        action: question.action,
        ...errorFields(denial.cause),
      });
    const decision: Decision = denial
      ? { allowed: false, gate: denial.gate, code: denial.deny.code, policyVersion }
      : { allowed: true, policyVersion };
    const failure = await this.#record(question, decision, (performance.now() - started) * 1000);
    if (failure === undefined && !('deny' in taken)) return { permit: mintPermit(question.action), hold: taken };
    if (!('deny' in taken)) await this.#giveBack(question, taken);
    // Denied already, and the record is missing for the same reason: the gate's word says more.
    if (failure !== undefined && !(denial && isMissingRoute(failure))) return { refused: failure };
    const { gate, deny } = denial as Denial;
    return { refused: new NorthstarError(deny.code, deny.message, { gate, details: deny.details ?? {} }) };
  }

  /** Records a refusal that was decided before the chain was asked. Rejects when it cannot be recorded. */
  async recordRefusal(question: PolicyQuestion, refusal: { gate: string; code: string }): Promise<void> {
    const failure = await this.#record(question, { allowed: false, ...refusal }, 0);
    if (failure !== undefined) throw failure;
  }

  async #take(question: PolicyQuestion, verdict: Verdict): Promise<Hold | Denial> {
    if (!verdict.allowed) return this.#chain.open(question, verdict.denial);
    if (verdict.claims.length === 0) return new Holds();
    const taken = await this.#chain.claim(question, verdict.claims);
    return 'deny' in taken ? this.#chain.open(question, taken) : taken;
  }

  async #giveBack({ action }: PolicyQuestion, hold: Hold): Promise<void> {
    await withinTime(hold.end('not_run'), RECORD_TIMEOUT_MS, { what: 'not given back' }).catch((error: unknown) =>
      this.#logger.log('error', 'hold not ended', { action, ...errorFields(error) }),
    );
  }

  async #record(question: PolicyQuestion, decision: Decision, latencyUs: number): Promise<NorthstarError | undefined> {
    try {
      await withinTime(this.#decisions.record(question, decision, latencyUs), RECORD_TIMEOUT_MS, {
        what: 'not recorded',
      });
      this.#metrics.decided(decision);
      return undefined;
    } catch (cause) {
      this.#metrics.unrecorded();
      if (isMissingRoute(cause)) return cause;
      this.#logger.log('error', 'decision not recorded', { action: question.action, ...errorFields(cause) });
      return unrecorded(question);
    }
  }
}

/** Milliseconds that a decision has to become durable; a store that hangs must not hang its callers. */
const RECORD_TIMEOUT_MS = 10_000;

function unrecorded(question: PolicyQuestion): NorthstarError {
  return new NorthstarError(
    'audit.unavailable',
    `The decision on ${question.action} could not be recorded, so the call is denied. Try again; if it stays so, tell the operator.`,
    { gate: 'audit' },
  );
}
