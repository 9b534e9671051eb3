import { expect, it, vi } from 'vitest';
import { describeEngine } from '../../test/engines/describe-engine.ts';
import { openTestRedis, REDIS_URL, whyUnreachable } from '../../test/engines/test-redis.ts';
import { freshTenant } from './contract/contract-kit.ts';
import { answersInTime, behindProxy, soon } from './contract/engine-failures.contract.ts';
import { openRedis } from './drivers/redis/open-redis.ts';
import { VersionedStore } from './versioned-store.ts';

const SAVES = 32;

await describeEngine('redis versions', whyUnreachable, () => {
  const { stores, wire } = behindProxy(async () => {
    const { prefix, close } = await openTestRedis();
    const { hostname: host, port } = new URL(REDIS_URL);
    const open = async (address: string, timeoutMs: number) => {
      const redis = await openRedis({ url: `redis://${address}`, prefix, timeoutMs });
      return { drafts: new VersionedStore({ ...redis, maxWaitMs: timeoutMs }), close: redis.close };
    };
    return { host, port: Number(port) || 6379, open, close };
  });

  it('[STORE-05] answers saves that wait for each other within bounds when the server is silent', async () => {
    const at = { tenantId: freshTenant(), kind: 'workbench_drafts' };
    const { drafts } = stores();
    await drafts.save(at, 'a', 'old');
    wire().muteAnswers(true);
    const saves = Array.from({ length: SAVES }, (_, i) => drafts.save(at, 'a', i));
    expect(await answersInTime(saves)).toEqual(saves.map(() => 'unavailable'));
    await expect(saves.at(-1)).rejects.toThrow('never sent and nothing was written');

    wire().muteAnswers(false);
    await vi.waitFor(() => drafts.get(at, 'a'), soon);
    expect(await drafts.get(at, 'a')).toMatchObject({ version: 1, value: 'old' });
    expect(await drafts.save(at, 'a', 'new')).toEqual({ version: 2, announced: true });
  });
});
