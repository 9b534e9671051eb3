import { MuscleError } from '@northstar/sdk';

type ChangeList = (list: 'tools' | 'prompts') => void;

/** A muscle cannot change what the host serves, so the runner of the suite lends a function that can. */
function changeList(list: 'tools' | 'prompts'): string {
  const hook = (globalThis as unknown as Record<symbol, ChangeList | undefined>)[
    Symbol.for('northstar.conformance.change')
  ];
  if (hook === undefined)
    throw new MuscleError({
      code: 'test.no_change_hook',
      message: 'This scope works under the conformance runner only. Start it with npm run conformance.',
      status: 503,
    });
  hook(list);
  return `Changed the ${list}.`;
}

export function changeTools(): string {
  return changeList('tools');
}

export function changePrompts(): string {
  return changeList('prompts');
}
