/** Helpers for tests of muscles and of the host itself. */
export { createTestHost, type TestHost, type TestHostOptions } from './create-test-host.ts';
