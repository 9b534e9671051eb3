/** How the isolate of a muscle is doing. */
export interface IsolateHealth {
  readonly mode: 'worker' | 'process';
  /** `stopped` after too many failures: calls are refused until the next try, a minute later, or a reload. */
  readonly state: 'up' | 'restarting' | 'stopped';
  readonly restarts: number;
  /** Why it last ended. */
  readonly lastFailure?: string;
}
