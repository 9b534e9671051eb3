import { formatDiagnostic } from '@northstar/sdk/bind';
import type { EnabledReport } from '../muscles/enabled/muscle-control.ts';
import type { MuscleState, MuscleStatus } from '../muscles/muscle-status.ts';
import { dim, green, red, yellow } from './print.ts';

const PAINT: Record<MuscleState, (text: string) => string> = {
  active: green,
  stale: yellow,
  failed: red,
  missing: yellow,
  loading: dim,
  retiring: dim,
  disabled: dim,
};

export function countTools(tools: readonly unknown[]): string {
  return `${tools.length} tool${tools.length === 1 ? '' : 's'}`;
}

/** Muscles as lines for people: a row each, and every diagnostic with its place and what to do. */
export function describeMuscles(statuses: readonly MuscleStatus[]): { rows: string[]; problems: string[] } {
  const width = Math.max(6, ...statuses.map((status) => status.id.length));
  const rows = statuses.map(({ id, state, version, tools, decided_by }) => {
    const serves = version === undefined ? '' : `${countTools(tools)}  ${dim(version)}`;
    const by = decided_by === 'operator' ? dim("  by an operator's choice") : '';
    return `${id.padEnd(width)}  ${PAINT[state](state.padEnd(8))}  ${serves}${by}`.trimEnd();
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

/** Which source decides what is on, in one line; what an operator chose beats the others. */
export function describeSources({ environment, config_file, operator }: EnabledReport): string {
  const base =
    config_file?.enabled !== undefined
      ? `${config_file.path} (${config_file.enabled.join(', ') || 'none'}); ENABLED_MUSCLES is not used`
      : `ENABLED_MUSCLES (${environment.join(', ') || 'none'})`;
  const choices = [...operator.enabled.map((id) => `${id} on`), ...operator.disabled.map((id) => `${id} off`)];
  return base + (choices.length > 0 ? `; then operators' choices (${choices.join(', ')})` : '');
}
