import type { MuscleStatus } from '../muscle-status.ts';
import type { IsolateHealth } from './isolate-health.ts';

/** A status with how the isolate of the muscle is doing: one that was given up is `failed`, whatever else serves. */
export function withHealth(status: MuscleStatus, isolation: IsolateHealth | undefined): MuscleStatus {
  if (isolation === undefined) return status;
  if (isolation.state === 'up') return { ...status, isolation };
  const stopped = isolation.state === 'stopped';
  const next = stopped
    ? 'Its calls are refused; it is tried again within a minute, or at once when you reload it.'
    : 'It is being restarted.';
  return {
    ...status,
    ...(stopped && { state: 'failed' }),
    isolation,
    diagnostics: [
      ...status.diagnostics,
      {
        severity: stopped ? 'error' : 'warning',
        code: 'load.isolate_failed',
        message: `The isolate of ${status.id} ended: ${isolation.lastFailure}. ${next}`,
        file: 'spec.yaml',
        line: 1,
        column: 1,
      },
    ],
  };
}
