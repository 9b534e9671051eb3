import { didYouMean } from '@northstar/sdk/bind';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { GuardedScope } from '../policy/guarded-scope.ts';
import type { Snapshot } from './snapshot.ts';

/** The scope, prompt or resource of this name, in either spelling. */
export function findGuarded(snapshot: Snapshot, name: string): GuardedScope {
  const found =
    snapshot.toolByName.get(name) ??
    snapshot.promptByName.get(name) ??
    snapshot.resources.find(({ spec }) => spec.name === name);
  if (found) return found.guarded;
  const known = [...snapshot.tools, ...snapshot.prompts, ...snapshot.resources].map(({ spec }) => spec.name);
  throw new NorthstarError(
    'scope.not_found',
    `No active muscle has the scope ${JSON.stringify(name.slice(0, 100))}${didYouMean(name, known) || '.'} GET /tools lists the ones there are.`,
  );
}
