import type { Diagnostic } from '@northstar/sdk/bind';
import type { IsolateHealth } from './isolation/isolate-health.ts';
import type { DecidedBy } from './enabled/enabled-set.ts';

/**
 * `stale`: what is on disk does not load, and the last version that did keeps serving. `retiring`: no longer served,
 * with calls still running. The others are what they say.
 */
export const MUSCLE_STATES = ['disabled', 'missing', 'loading', 'active', 'stale', 'failed', 'retiring'] as const;
export type MuscleState = (typeof MUSCLE_STATES)[number];

/** What operators see of one muscle. */
export interface MuscleStatus {
  readonly id: string;
  readonly state: MuscleState;
  /** Of the version that serves. */
  readonly version?: string;
  readonly tools: readonly string[];
  /** Of the latest attempt to load it. */
  readonly diagnostics: readonly Diagnostic[];
  /** How the isolate that it runs in is doing; absent for one that runs in the host. */
  readonly isolation?: IsolateHealth;
  /** Who said that it is on or off; absent when nobody named it. */
  readonly decided_by?: DecidedBy;
  /** Calls that still run on versions which were replaced or switched off; absent when none do. */
  readonly draining_calls?: number;
}

/** `retired`: the last call of an old version is over and its resources are disposed. */
export interface MuscleEvent {
  readonly what: 'loaded' | 'refused' | 'withdrawn' | 'retired';
  readonly status: MuscleStatus;
}
