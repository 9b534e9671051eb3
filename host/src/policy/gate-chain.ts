import { ERROR_TABLE } from '../errors/error-table.ts';
import { withinTime } from '../errors/within-time.ts';
import { isMissingRoute, type MissingRoute, type NorthstarError } from '../errors/northstar-error.ts';
import type { Deny, Gate, GateDecision, PolicyQuestion } from './gate.ts';

/** What the whole chain said. A denial names the gate that spoke it. */
export type Verdict =
  | { readonly allowed: true; readonly gates: readonly string[] }
  | { readonly allowed: false; readonly gate: string; readonly denial: Deny; readonly cause?: unknown };

/** Milliseconds that one gate has to answer; a store that hangs must not hang its callers. */
const GATE_TIMEOUT_MS = 2000;

/**
 * Gates in order, stopping at the first denial. Fails closed: an empty chain denies, and so does a gate that throws,
 * times out, or answers anything that is not exactly an allow.
 */
export class GateChain {
  readonly #gates: readonly Gate[];
  readonly #timeoutMs: number;

  constructor(gates: readonly Gate[], timeoutMs = GATE_TIMEOUT_MS) {
    this.#gates = Object.freeze([...gates]);
    this.#timeoutMs = timeoutMs;
  }

  async decide(question: PolicyQuestion): Promise<Verdict> {
    if (this.#gates.length === 0)
      return refusal('chain', 'This host has no policy gates, and without any it allows nothing.');
    // One for the whole chain: they are dear, and the first gate that is late ends the chain.
    const controller = new AbortController();
    for (const gate of this.#gates) {
      let decision: GateDecision;
      try {
        decision = await withinTime(gate.decide(question, controller.signal), this.#timeoutMs, {
          what: 'no answer',
          onLate: () => controller.abort(),
        });
      } catch (cause) {
        // Not knowing where policy lives is a denial as well, with the operator's way out in its message.
        if (isMissingRoute(cause)) return unrouted(gate.name, cause);
        return {
          ...refusal(
            gate.name,
            `The ${gate.name} gate could not decide on ${question.action}, so the call is denied. Try again; if it stays so, tell the operator.`,
          ),
          cause,
        };
      }
      if (decision?.allow === true) continue;
      if (decision?.allow === false && Object.hasOwn(ERROR_TABLE, decision.code))
        return { allowed: false, gate: gate.name, denial: decision };
      return refusal(gate.name, `The ${gate.name} gate answered neither allow nor deny, so the call is denied.`);
    }
    return { allowed: true, gates: this.#gates.map((gate) => gate.name) };
  }
}

function unrouted(gate: string, { code, message, details }: NorthstarError & { code: MissingRoute }): Verdict {
  return { allowed: false, gate, denial: { allow: false, code, message, details } };
}

function refusal(gate: string, message: string): Extract<Verdict, { allowed: false }> {
  return { allowed: false, gate, denial: { allow: false, code: 'policy.unavailable', message } };
}
