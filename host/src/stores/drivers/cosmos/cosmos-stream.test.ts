import { CosmosClient } from '@azure/cosmos';
import { expect, it } from 'vitest';
import { startCosmosServer } from '../../../../test/engines/cosmos-server/start-cosmos-server.ts';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { allData, freshTenant } from '../../contract/contract-kit.ts';
import type { StreamRef } from '../../event-spine.ts';
import { planCommits, prepared } from '../commit-plan.ts';
import { CosmosCalls } from './cosmos-calls.ts';
import { COSMOS_JSON, COSMOS_LIMITS, cosmosCaps } from './cosmos-caps.ts';
import { CosmosEventSpine } from './cosmos-event-spine.ts';
import { CosmosStream, type CosmosHead } from './cosmos-stream.ts';
import type { CosmosEngine } from './open-cosmos.ts';

await describeEngine('cosmos stream', whyNotStarting(startCosmosServer), () => {
  it('[STORE-06] takes no commit behind a head that was trimmed meanwhile, be it the first one', async () => {
    const { endpoint, key, stop } = await startCosmosServer();
    const client = new CosmosClient({ endpoint, key, connectionPolicy: { enableEndpointDiscovery: false } });
    try {
      const engine = await engineOf(client);
      const spine = new CosmosEventSpine(engine);
      for (const stale of [0, 1, 2]) {
        const at: StreamRef = { tenantId: freshTenant(), stream: 'log' };
        const stream = new CosmosStream(engine, at);
        const append = (data: number) => spine.append(at, { type: 't', data });
        for (let i = 1; i <= stale; i++) await append(i);
        const head = await stream.head(AbortSignal.timeout(5000));
        for (let i = stale + 1; i <= 5; i++) await append(i);
        await spine.trim(at, { before: (await spine.head(at))!.cursor });
        expect(await commit(stream, head)).toBe(false);
        expect(await allData(spine, at)).toEqual([5]);
      }
    } finally {
      client.dispose();
      await stop();
    }
  });
});

async function engineOf(client: CosmosClient): Promise<CosmosEngine> {
  const { database } = await client.databases.createIfNotExists({ id: 'host' });
  const { container } = await database.containers.createIfNotExists({ id: 'own', partitionKey: { paths: ['/pk'] } });
  return { container, calls: new CosmosCalls(10_000), caps: cosmosCaps(undefined), now: Date.now };
}

/** What a writer does that has read this head. */
function commit(stream: CosmosStream, head: CosmosHead | undefined): Promise<boolean> {
  const entry = prepared({ at: stream.at, event: { type: 't', data: 'late' } }, COSMOS_JSON);
  const found = { heads: new Map([[entry.stream, head]]), known: new Map() };
  const { commits } = planCommits([entry], found, new Date().toISOString(), COSMOS_LIMITS.maxValueBytes);
  return stream.create(head, commits, 'late', AbortSignal.timeout(5000));
}
