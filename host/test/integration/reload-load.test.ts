import { expect, test } from 'vitest';
import { createTestHost } from '../../src/testing/index.ts';
import { expectNoUnhandledRejections } from './support/probe-host.ts';
import { pluginFolder } from './support/plugin-folder.ts';
import { busyMuscle, reloadUnderLoad } from './support/reload-under-load.ts';
import { CLIENTS } from './support/sdk-clients.ts';

/** `npm run bench:reload` does it 1,000 times; this many fit into a test. */
const RELOADS = 80;

expectNoUnhandledRejections();

test('[RELOAD-07] 8 clients call at full speed through reloads: no call fails, is dropped, or meets two versions', async () => {
  const plugins = await pluginFolder();
  await plugins.put('busy', busyMuscle(0));
  const host = await createTestHost({ plugins: [plugins.root], muscles: ['busy'] });
  const clients = await Promise.all(
    Array.from({ length: 8 }, (_, index) => CLIENTS[index % CLIENTS.length]!.connect(`${host.url}/mcp`, host.headers)),
  );
  const report = await reloadUnderLoad(host, { plugins, clients, reloads: RELOADS });
  expect(report).toMatchObject({ reloads: RELOADS, failed: 0, dropped: 0, mixed: 0, failures: [] });
  expect(report.calls).toBeGreaterThan(RELOADS);
  expect(report.versions).toBeGreaterThan(RELOADS / 3);
  await expect.poll(() => host.registry.status('busy')).not.toHaveProperty('draining_calls');
  for (const client of clients) await client.close();
  await host.close();
  await plugins.remove();
}, 300_000);
