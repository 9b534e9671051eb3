/** Runs a muscle's scopes without a host, checks a whole muscle in one line, and starts a real host for the rest. */
export { createTestHost, type TestHost, type TestHostOptions, type TestMuscleStatus } from './create-test-host.ts';
export { describeMuscle, type TestRunner } from './describe-muscle.ts';
export {
  fakeContext,
  type FakeContext,
  type FakeContextOptions,
  type FakeGate,
  type FakeStores,
  type Recorded,
} from './fake-context.ts';
export { loadMuscle, type LoadedMuscle } from './load-muscle.ts';
export { MemoryEvents } from './memory-events.ts';
export { MemoryObjects } from './memory-objects.ts';
export { MemoryStoreError } from './memory-store-error.ts';
export { MemoryTabular } from './memory-tabular.ts';
export { runScope, type ScopeRun } from './run-scope.ts';
