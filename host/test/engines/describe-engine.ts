import { describe } from 'vitest';

/** What the names of these suites start with; the report at the end of a run finds them by it. */
export const ENGINE_SUITE = 'engine ';

/**
 * A suite of an engine, its name first: `postgres`, `postgres faults`. Where there is no such engine the suite is
 * skipped with the reason in its name, and the end of the run says so.
 *
 * @param why the reason why it cannot run here; undefined when it can.
 */
export async function describeEngine(
  name: string,
  why: () => Promise<string | undefined>,
  body: () => void,
): Promise<void> {
  const reason = await why();
  if (reason === undefined) describe(`${ENGINE_SUITE}${name}`, body);
  else describe.skip(`${ENGINE_SUITE}${name} (skipped: ${reason})`, body);
}

/** For an engine that a test starts by itself: the reason why it does not start. */
export function whyNotStarting(start: () => Promise<{ stop(): unknown }>): () => Promise<string | undefined> {
  return () =>
    start().then(
      async (engine) => void (await engine.stop()),
      (error: Error) => `it does not start: ${error.message.split('\n', 1)[0] || 'no reason given'}`,
    );
}

/** For what is part of the host or of its tests, and so is always there. */
export const alwaysHere = (): Promise<undefined> => Promise.resolve(undefined);
