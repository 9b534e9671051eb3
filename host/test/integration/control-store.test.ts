import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { createTestHost } from '../../src/testing/index.ts';
import { PLUGINS } from '../acceptance/repository.ts';
import { startCosmosServer } from '../engines/cosmos-server/start-cosmos-server.ts';
import { describeEngine, whyNotStarting } from '../engines/describe-engine.ts';

type Setting = { readonly backend: string; readonly config: object };

async function whyNotStarted(control: Setting | undefined, hints?: Setting): Promise<readonly string[]> {
  const env = {
    ...(control && { NORTHSTAR_CONTROL_STORE: JSON.stringify(control) }),
    ...(hints && { NORTHSTAR_HINTS: JSON.stringify(hints) }),
  };
  const refusal = await createTestHost({ plugins: [PLUGINS], muscles: ['echo'], env }).then(
    () => expect.fail('the host started'),
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(ConfigError);
  return (refusal as ConfigError).problems;
}

test.each([
  {
    what: 'hints without a control store',
    hints: { backend: 'redis', config: { url: 'redis://cache' } },
    says: /NORTHSTAR_HINTS is set without NORTHSTAR_CONTROL_STORE/,
  },
  {
    what: 'the folder of one machine',
    control: { backend: 'filesystem', config: {} },
    says: /^NORTHSTAR_CONTROL_STORE names filesystem, .* postgres, dynamodb, firestore/,
  },
  {
    what: 'an engine without records',
    control: { backend: 'nats', config: { url: 'nats://bus' } },
    says: /^NORTHSTAR_CONTROL_STORE names nats, .* records .* postgres, dynamodb, firestore/,
  },
  {
    what: 'an unknown engine',
    control: { backend: 'floppy', config: {} },
    says: /^NORTHSTAR_CONTROL_STORE: There is no engine called "floppy"; use .*postgres/,
  },
  {
    what: 'settings that the engine never takes',
    control: { backend: 'postgres', config: { url: 'postgres://db/x', schema: 'Acme' } },
    says: /^NORTHSTAR_CONTROL_STORE: The config of postgres is not as expected: schema: expected 1 to 63/,
  },
] as { what: string; control?: Setting; hints?: Setting; says: RegExp }[])(
  '[SCALE-07] a host does not start with $what, and says what to configure',
  async ({ control, hints, says }) => {
    expect(await whyNotStarted(control, hints)).toEqual([expect.stringMatching(says)]);
  },
);

await describeEngine('cosmos as a control store', whyNotStarting(startCosmosServer), () => {
  const inCosmos = async (use: (control: Setting) => Promise<void>): Promise<void> => {
    const { endpoint, key, stop } = await startCosmosServer();
    const place = { endpoint, key, database: 'd', container: 'c', emulator: true };
    await use({ backend: 'cosmos', config: place }).finally(stop);
  };

  test('[SCALE-07] a host does not start where other hosts might not see what it wrote', async () => {
    await inCosmos(async (control) => {
      expect(await whyNotStarted(control)).toEqual([
        expect.stringMatching(/^NORTHSTAR_CONTROL_STORE names cosmos, .*consistency .*Strong.* postgres/),
      ]);
    });
  });
});
