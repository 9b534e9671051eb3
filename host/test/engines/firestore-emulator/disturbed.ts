import type { GrpcServer } from './grpc-calls.ts';

export type Disturbance = 'lost' | 'refused';

const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

/** Makes single commits go wrong; what it returns says which. */
export function disturbed(grpc: GrpcServer): (...commits: readonly Disturbance[]) => void {
  const next: Disturbance[] = [];
  const handler = grpc.handlers.get('/google.firestore.v1.Firestore/Commit')!;
  const commit = handler.func;
  handler.func = (call, done) => {
    const disturbance = next.shift();
    if (disturbance === 'refused') return done(failure(RESOURCE_EXHAUSTED, 'Too many requests.'));
    if (disturbance === undefined) return commit(call, done);
    return commit(call, (error) => done(error ?? failure(UNAVAILABLE, 'Connection reset by peer.')));
  };
  return (...commits) => void next.push(...commits);
}

function failure(code: number, message: string): Error {
  return Object.assign(new Error(message), { code });
}
