import type { Issue, Parse, Parsed } from './bound-muscle.ts';
import type { ModelSide } from './adapted-model.ts';
import { findUnsafe, MAX_ARGUMENT_DEPTH } from './unsafe-keys.ts';

/** A list of a hundred thousand wrong items must not become an answer of a hundred thousand issues. */
const MAX_ISSUES = 50;

/** What a validator says: the value to go on with, or issues not yet limited in number. */
export type Verdict = { ok: true; value: unknown } | { ok: false; issues: Iterable<Issue> };

/**
 * Wraps a validator into the check that the host calls for every call. Never throws: a check that fails to finish is
 * a refusal, and says nothing of what the validator threw, because that text may quote the arguments.
 */
export function modelParse(side: ModelSide, check: (value: unknown) => Verdict): Parse {
  return (value): Parsed => {
    const unsafe = side === 'input' ? findUnsafe(value) : undefined;
    if (unsafe) {
      const path = unsafe.path.join('.');
      const message =
        unsafe.problem === 'key'
          ? `The key "${unsafe.path.at(-1)}" is not allowed anywhere in the arguments. Rename it.`
          : `The arguments nest deeper than ${MAX_ARGUMENT_DEPTH} levels. Flatten them.`;
      return { ok: false, issues: [{ path, message }] };
    }
    try {
      const verdict = check(value);
      return verdict.ok ? verdict : { ok: false, issues: limited(verdict.issues) };
    } catch (error) {
      return { ok: false, issues: [{ path: '', message: failure(error) }] };
    }
  };
}

function limited(issues: Iterable<Issue>): Issue[] {
  const list: Issue[] = [];
  for (const issue of issues) {
    if (list.length === MAX_ISSUES) {
      list.push({ path: '', message: `Only the first ${MAX_ISSUES} issues are listed.` });
      break;
    }
    list.push(issue);
  }
  return list;
}

function failure(error: unknown): string {
  if (error instanceof Error && /Async/.test(`${error.name} ${error.constructor.name}`)) {
    return 'The value could not be checked: its model has an asynchronous refinement or transform. Move that into the handler.';
  }
  return 'The value could not be checked: a refinement or transform of its model failed.';
}
