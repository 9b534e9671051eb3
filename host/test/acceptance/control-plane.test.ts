import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auditStream } from '../../src/spine/audit-record.ts';
import { openEmbeddedStores } from '../../src/stores/open-embedded-stores.ts';
import { createTestHost } from '../../src/testing/index.ts';

test('[POL-07] every change of policy leaves an audit record of who did what, before it takes effect', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'northstar-control-'));
  const host = await createTestHost({ plugins: [], muscles: [], dataDir });
  const headers = {
    ...host.headers,
    'X-User-Id': 'u_ops',
    'X-Request-Id': 'req_control',
    'Content-Type': 'application/json',
  };
  const grant = { license_type: 'firearm.x', subject_type: 'user', subject_id: 'u_ada' };
  const granted = await fetch(`${host.url}/firearms/grants`, { method: 'POST', headers, body: JSON.stringify(grant) });
  const { grant_id: id } = (await granted.json()) as { grant_id: string };
  await fetch(`${host.url}/firearms/grants/${id}`, { method: 'DELETE', headers });
  await fetch(`${host.url}/firearms/grants`, { headers });
  await host.close();

  const stores = await openEmbeddedStores(dataDir);
  const { events } = await stores.spine.read(auditStream('t_test', 'lab'));
  await stores.close();
  await rm(dataDir, { recursive: true, force: true });
  expect(events.map(({ type, data }) => [type, (data as { operation: string }).operation])).toEqual([
    ['audit.control', 'POST /firearms/grants'],
    ['audit.control', `DELETE /firearms/grants/${id}`],
  ]);
  expect(events[0]?.data).toMatchObject({ decision: 'allow', actor_id: 'u_ops', request_id: 'req_control' });
});
