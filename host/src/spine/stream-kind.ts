import type { RetainedKind } from '../config/retention-config.ts';
import type { RequestContext } from '../identity/request-context.ts';
import type { StreamRef } from '../stores/event-spine.ts';

/** Whose stream it is, always taken from identity: a name has no way to say another tenant. */
export type StreamOwner = Pick<RequestContext, 'tenantId' | 'mode' | 'projectId'>;
export type StreamKind = RetainedKind | 'audit' | 'other';

const INTERNAL: readonly (readonly [prefix: string, kind: StreamKind])[] = [
  ['audit/', 'audit'],
  ['safety/', 'safety'],
  ['versions/', 'versions'],
  ['muscle:', 'muscle'],
];
const OPEN = 'open/';

/** What a stream is for, by the name that it is stored under. */
export function streamKind(stored: string): StreamKind {
  if (stored.startsWith(OPEN)) return 'open';
  return internalKind(stored) ?? 'other';
}

/** The kind of the host's own streams that a name from outside stands for; undefined when it stands for none. */
export function internalKind(name: string): StreamKind | undefined {
  return INTERNAL.find(([prefix]) => name.startsWith(prefix))?.[1];
}

/**
 * The stream that a caller names, of its tenant and mode. It is stored in a corner of its own, so that no spelling of a
 * name, and no stream that the host may add one day, can be written to from outside.
 */
export function openStream({ tenantId, mode, projectId }: StreamOwner, name: string): StreamRef {
  return { tenantId, stream: `${OPEN}${mode}/${name}`, mode, projectId };
}

/** One of the host's own streams, routed as by the one who writes to it. */
export function internalStream({ tenantId, mode, projectId }: StreamOwner, name: string, kind: StreamKind): StreamRef {
  if (kind === 'versions') return { tenantId, stream: name };
  return { tenantId, stream: name, mode, ...(kind === 'muscle' && { projectId }) };
}
