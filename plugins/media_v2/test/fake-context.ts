import type { MuscleContext, RequestFacts, Upload } from '@northstar/sdk';
import { FakeEvents } from './fake-events.ts';
import { FakeObjects } from './fake-objects.ts';
import { FakeTabular } from './fake-tabular.ts';

export type FakeContext = MuscleContext<'tabular_store' | 'object_store' | 'event_spine'> & {
  readonly tabular: FakeTabular;
  readonly objects: FakeObjects;
  readonly events: FakeEvents;
};

const request: RequestFacts = {
  requestId: 'req_1',
  mode: 'lab',
  tenantId: 't_acme',
  projectId: 'p_main',
  actor: { type: 'user', id: 'u_ann' },
};

/** A context over empty stores in memory. Pass the stores of another one to go on where it stands. */
export function fakeContext(given: Partial<FakeContext> = {}): FakeContext {
  const quiet = () => undefined;
  return {
    request,
    signal: new AbortController().signal,
    deadline: Date.now() + 30_000,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    clientCapabilities: {},
    progress: async () => undefined,
    notifyLog: async () => undefined,
    resourceUpdated: quiet,
    gate: async () => undefined,
    tabular: new FakeTabular(),
    objects: new FakeObjects(),
    events: new FakeEvents(),
    ...given,
  };
}

/** The same tenant in another project. */
export const inProject = (ctx: FakeContext, projectId: string): FakeContext => ({
  ...ctx,
  request: { ...ctx.request, projectId },
});

/** The same stores in a call that brings a body. */
export function withUpload(ctx: FakeContext, chunks: Iterable<Uint8Array>, facts: Omit<Upload, 'body'> = {}) {
  async function* body() {
    yield* chunks;
  }
  return { ...ctx, upload: { ...facts, body: body() } };
}
