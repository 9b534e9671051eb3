import { formatDiagnostic } from '@northstar/sdk/bind';
import type { MuscleState, MuscleStatus } from '../muscles/muscle-registry.ts';
import { dim, green, red, yellow } from './print.ts';

const PAINT: Record<MuscleState, (text: string) => string> = {
  active: green,
  failed: red,
  missing: yellow,
  disabled: dim,
};

/** Muscles as lines for people: a row each, and every diagnostic with its place and what to do. */
export function describeMuscles(statuses: readonly MuscleStatus[]): { rows: string[]; problems: string[] } {
  const width = Math.max(6, ...statuses.map((status) => status.id.length));
  const rows = statuses.map(({ id, state, version, tools }) => {
    const count =
      state === 'active' ? `${tools.length} tool${tools.length === 1 ? '' : 's'}  ${dim(version ?? '')}` : '';
    return `${id.padEnd(width)}  ${PAINT[state](state.padEnd(8))}  ${count}`.trimEnd();
  });
  const problems = statuses.flatMap(({ id, state, diagnostics }) => [
    ...(state === 'missing'
      ? [
          `${yellow('missing')} muscle ${id} is enabled, but no folder ${id} with a spec.yaml is in NORTHSTAR_PLUGINS, and no package has it${/\s/.test(id) ? '; separate ids by commas' : ''}`,
        ]
      : []),
    ...diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)),
  ]);
  return { rows, problems };
}
