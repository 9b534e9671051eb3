import { sha256OfJson } from '../spine/digest.ts';
import type { PolicyQuestion, Subject } from '../policy/gate.ts';
import type { Invocation } from './invocation.ts';

/** What policy is asked about an invocation. The arguments themselves stay out: only their digest goes along. */
export function policyQuestion(
  invocation: Omit<Invocation, 'io'>,
  checkedArgs: unknown,
  argumentDigest?: string,
): PolicyQuestion {
  const { scope, context } = invocation;
  // The arguments decide what the handler acts on, so policy must judge that and not what the caller says beside them.
  const subject = subjectOf(invocation, checkedArgs) ?? invocation.subject;
  return {
    context,
    action: scope.facts.name,
    toolId: scope.facts.toolId,
    effects: scope.facts.effects,
    timeoutMs: scope.facts.timeoutMs,
    ...(subject && { subject }),
    toolDigest: scope.digest,
    argumentDigest: argumentDigest ?? sha256OfJson(checkedArgs),
  };
}

/** The thing named by the spec's `subject`, when the arguments hold its id. */
function subjectOf({ scope }: Pick<Invocation, 'scope'>, args: unknown): Subject | undefined {
  const ref = scope.facts.subject;
  if (ref?.id === undefined || typeof args !== 'object' || args === null) return undefined;
  const id = (args as Record<string, unknown>)[ref.id];
  return typeof id === 'string' && id !== '' && id.length <= 200 ? { type: ref.type, id } : undefined;
}
