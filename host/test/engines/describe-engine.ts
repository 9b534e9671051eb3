import { describe } from 'vitest';

/** A suite that needs an engine. Where the engine cannot start it is skipped, with the reason in its name. */
export async function describeEngine(
  name: string,
  start: () => Promise<{ stop(): unknown }>,
  body: () => void,
): Promise<void> {
  const reason = await start().then(
    async (engine) => void (await engine.stop()),
    (error: Error) => error.message.split('\n', 1)[0] || 'no reason given',
  );
  if (reason === undefined) describe(name, body);
  else describe.skip(`${name} (skipped, the engine does not start: ${reason})`, body);
}
