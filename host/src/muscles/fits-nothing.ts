import type { Snapshot } from './snapshot.ts';

/**
 * A warning for policy that names something no active muscle has: it is stored, since policy may come before its
 * muscle, but an operator who mistyped a name must not believe that it holds. Undefined when the name is known.
 */
export function fitsNothing(snapshot: Snapshot, target: { muscle?: string; scope?: string }): string | undefined {
  const { muscle, scope } = target;
  if (muscle !== undefined && !snapshot.muscles.some(({ spec }) => spec.id === muscle))
    return `No active muscle is called ${muscle}; this holds once there is one.`;
  if (scope === undefined || scope === '*') return undefined;
  const items = [...snapshot.tools, ...snapshot.resources, ...snapshot.prompts];
  const known = items.some(({ spec, toolId }) => spec.name === scope && (muscle === undefined || toolId === muscle));
  return known
    ? undefined
    : `No active muscle has ${scope}${muscle ? ` in ${muscle}` : ''}; this holds once there is one.`;
}
