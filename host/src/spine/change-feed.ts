import type { JsonObject } from '@northstar/sdk';

/** Something that every host sharing the control store must act on. Small: what changed, not what it changed to. */
export type HostChange =
  | MusclesChange
  | { readonly kind: 'routes' }
  | { readonly kind: 'resource'; readonly tenant_id: string; readonly uri: string }
  | { readonly kind: 'job_cancelled'; readonly job_id: string }
  | { readonly kind: 'session'; readonly session_id: string }
  | { readonly kind: 'session_ended'; readonly session_id: string }
  | SessionMessage;

/** An operator's choice of muscles has changed, or one is to be loaded again. */
export interface MusclesChange {
  readonly kind: 'muscles';
  readonly reload?: string;
}

/** What a 2025-era client sent to one host and another one waits for. */
export interface SessionMessage {
  readonly kind: 'session_message';
  readonly session_id: string;
  readonly message: JsonObject;
}

export type ChangeKind = HostChange['kind'];
export type ChangeListener<K extends ChangeKind> = (change: Extract<HostChange, { kind: K }>) => void;

/**
 * Changes that other hosts made, in order, each once. What this host publishes it does not hear itself: it has acted
 * on it already. A change may be missed only when this host was cut off for minutes; then `onMissed` is called.
 */
export interface ChangeFeed {
  /** Resolves when the change is durable; the others hear of it within a second, usually at once. */
  publish(change: HostChange): Promise<void>;
  /** Calls back for each change of the kind. The listener must not throw. */
  on<K extends ChangeKind>(kind: K, listener: ChangeListener<K>): void;
  /** Calls back when changes were missed: whatever can be read again should be. */
  onMissed(listener: () => void): void;
  close(): Promise<void>;
}

/** For a host that shares its stores with nobody. */
export const NO_OTHER_HOSTS: ChangeFeed = Object.freeze<ChangeFeed>({
  publish: async () => undefined,
  on: () => undefined,
  onMissed: () => undefined,
  close: async () => undefined,
});
