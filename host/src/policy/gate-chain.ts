import { ERROR_TABLE } from '../errors/error-table.ts';
import { withinTime } from '../errors/within-time.ts';
import { isMissingRoute } from '../errors/northstar-error.ts';
import type { Allow, Deny, Gate, PolicyQuestion } from './gate.ts';
import { GateDeadline } from './gate-time.ts';
import { Holds, type Hold } from './hold.ts';
import { policyVersionOf } from './policy-record.ts';
import type { Denial, GateClaim, GateVerdict, Verdict } from './verdict.ts';

/** Milliseconds that one gate has to answer; a store that hangs must not hang its callers. */
const GATE_TIMEOUT_MS = 2000;

/**
 * Gates in order, stopping at the first denial. Fails closed: an empty chain denies, and so does a gate that throws,
 * times out, or answers anything that is not exactly an allow.
 *
 * It asks first and takes afterwards: `decide` only reads, so explain and live cannot differ, and `claim` takes what a
 * live call uses up.
 */
export class GateChain {
  readonly #gates: readonly Gate[];
  readonly #timeoutMs: number;

  constructor(gates: readonly Gate[], timeoutMs = GATE_TIMEOUT_MS) {
    this.#gates = Object.freeze([...gates]);
    this.#timeoutMs = timeoutMs;
  }

  /** In the order in which they are asked. */
  get names(): string[] {
    return this.#gates.map(({ name }) => name);
  }

  async decide(question: PolicyQuestion): Promise<Verdict> {
    const gates: GateVerdict[] = [];
    const claims: GateClaim[] = [];
    let denial: Denial | undefined;
    if (this.#gates.length === 0)
      denial = unavailable('chain', 'This host has no policy gates, and without any it allows nothing.');
    // One for the whole chain: the first gate that is late ends it.
    const deadline = new GateDeadline();
    for (const gate of this.#gates) {
      if (denial !== undefined) {
        gates.push({ gate: gate.name, verdict: 'not_reached', records: [] });
        continue;
      }
      const answer = await this.#ask(gate, question, deadline);
      const decision = 'deny' in answer ? answer.deny : answer;
      const records = decision.records ?? [];
      if (decision.allow) {
        gates.push({ gate: gate.name, verdict: 'allow', records });
        if (decision.claim) claims.push({ gate: gate.name, claim: decision.claim });
      } else {
        denial = answer as Denial;
        gates.push({ gate: gate.name, verdict: 'deny', code: decision.code, records });
      }
    }
    const policyVersion = policyVersionOf(gates.flatMap(({ records }) => records));
    return denial === undefined
      ? { allowed: true, gates, policyVersion, claims }
      : { allowed: false, gates, policyVersion, denial };
  }

  /** Takes what the allow uses up, in order. A claim that fails or is late denies; what others took is given back. */
  async claim(question: PolicyQuestion, claims: readonly GateClaim[]): Promise<Hold | Denial> {
    const holds = new Holds();
    // One for all of them, as above: the first that is late ends the call.
    const deadline = new GateDeadline();
    for (const entry of claims) {
      const taken = await this.#take(entry, question, deadline);
      if ('deny' in taken) {
        await holds.end('not_run').catch(() => undefined);
        return taken;
      }
      await holds.add(taken);
    }
    return holds;
  }

  /** Does what a live denial starts. Where that fails the caller would wait for nothing, so it is told to try again. */
  async open(question: PolicyQuestion, denial: Denial): Promise<Denial> {
    const { gate, deny } = denial;
    if (deny.open === undefined) return denial;
    const deadline = new GateDeadline();
    try {
      await withinTime(deny.open(deadline), this.#timeoutMs, late(deadline));
      return denial;
    } catch (cause) {
      return failed(gate, question, cause);
    }
  }

  async #ask(gate: Gate, question: PolicyQuestion, deadline: GateDeadline): Promise<Allow | Denial> {
    try {
      const decision = await withinTime(gate.decide(question, deadline), this.#timeoutMs, late(deadline));
      return decision?.allow === true ? decision : denialOf(gate.name, decision);
    } catch (cause) {
      return failed(gate.name, question, cause);
    }
  }

  async #take({ gate, claim }: GateClaim, question: PolicyQuestion, deadline: GateDeadline): Promise<Hold | Denial> {
    let work: Promise<Hold | Deny> | undefined;
    try {
      work = claim(deadline);
      const taken = await withinTime(work, this.#timeoutMs, late(deadline));
      return typeof (taken as Partial<Hold>)?.end === 'function' ? (taken as Hold) : denialOf(gate, taken as Deny);
    } catch (cause) {
      // Taken after all, but too late: nobody will use it, so it goes back.
      work?.then((taken) => ('end' in taken ? taken.end('not_run') : undefined)).catch(() => undefined);
      return failed(gate, question, cause);
    }
  }
}

const late = (deadline: GateDeadline) => ({ what: 'no answer', onLate: () => deadline.pass() });

function denialOf(gate: string, decision: Deny): Denial {
  const known = decision?.allow === false && Object.hasOwn(ERROR_TABLE, decision.code);
  return known
    ? { gate, deny: decision }
    : unavailable(gate, `The ${gate} gate answered neither allow nor deny, so the call is denied.`);
}

function failed(gate: string, { action }: PolicyQuestion, cause: unknown): Denial {
  // Not knowing where policy lives is a denial as well, with the operator's way out in its message.
  if (isMissingRoute(cause)) {
    const { code, message, details } = cause;
    return { gate, deny: { allow: false, code, message, details } };
  }
  const message = `The ${gate} gate could not decide on ${action}, so the call is denied. Try again; if it stays so, tell the operator.`;
  return { ...unavailable(gate, message), cause };
}

function unavailable(gate: string, message: string): Denial {
  return { gate, deny: { allow: false, code: 'policy.unavailable', message } };
}
