import { afterEach, beforeEach, expect, it } from 'vitest';
import { startCosmosServer, type CosmosServer } from '../../../../test/engines/cosmos-server/start-cosmos-server.ts';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { startHttpProxy, type HttpProxy, type Treatment } from '../../../../test/engines/start-http-proxy.ts';
import { allData, expectCode, freshTenant } from '../../contract/contract-kit.ts';
import { StoreError } from '../../store-error.ts';
import { openCosmos, type CosmosStores } from './open-cosmos.ts';

const refusal = (status: number): Treatment => ({ status, body: JSON.stringify({ message: `refused: ${status}` }) });

await describeEngine('cosmos failures', whyNotStarting(startCosmosServer), () => {
  let server: CosmosServer;
  let proxy: HttpProxy;
  let stores: CosmosStores;
  let at: { tenantId: string; kind: string; stream: string };
  const event = (data: number) => ({ type: 't', data, eventId: `e${data}` });

  beforeEach(async () => {
    server = await startCosmosServer();
    proxy = await startHttpProxy(server.endpoint);
    const { endpoint } = proxy;
    const place = { database: 'host', container: 'own', emulator: true, timeoutMs: 5000 };
    stores = await openCosmos({ endpoint, key: server.key, ...place });
    at = { tenantId: freshTenant(), kind: 'notes', stream: 'log' };
  });
  afterEach(async () => {
    await stores.close();
    await proxy.close();
    await server.stop();
  });

  const batchesAre = (treatment: Treatment): void => {
    proxy.treat = ({ headers }) => (headers['x-ms-cosmos-is-batch-request'] === undefined ? 'pass' : treatment);
  };

  it.each([
    ['throttled', refusal(429), 'unavailable', 'too many requests'],
    ['answered by a failing service', refusal(503), 'unknown_outcome', 'status 503'],
    ['answered by something else on the way', { status: 502, body: '<html>' } as const, 'unknown_outcome', 'repeat'],
    ['too large for the service', refusal(413), 'too_large', 'too large'],
    ['forbidden', refusal(403), 'unavailable', 'access is denied'],
    ['carried out, and cut off', 'lose-answer', 'unknown_outcome', 'repeat'],
  ] as const)('says what became of an append and of a trim that are %s', async (_, treatment, code, words) => {
    const { spine } = stores;
    await spine.append(at, event(0));
    await spine.append(at, event(1));
    const { cursor } = (await spine.head(at))!;
    batchesAre(treatment);
    expect((await expectCode(code, spine.append(at, event(2)))).message).toContain(words);
    await expectCode(code, spine.trim(at, { before: cursor }));
    proxy.treat = () => 'pass';
    // Repeated as they were: once in the stream, and forgotten.
    await spine.append(at, event(2));
    expect(await allData(spine, at)).toEqual(treatment === 'lose-answer' ? [1, 2] : [0, 1, 2]);
    await spine.trim(at, { before: cursor });
    expect(await allData(spine, at)).toEqual([1, 2]);
  });

  it('[STORE-03] repeats a write without a condition that lost against the first write of another', async () => {
    const { tabular } = stores;
    let lost = 0;
    proxy.treat = ({ headers }) => {
      if (headers['x-ms-documentdb-is-upsert'] === undefined || lost === 2) return 'pass';
      lost += 1;
      return refusal(409);
    };
    await tabular.put(at, 'k', 1);
    expect((await tabular.get(at, 'k'))?.value).toBe(1);
    expect(lost).toBe(2);
    proxy.treat = ({ headers }) => (headers['x-ms-documentdb-is-upsert'] === undefined ? 'pass' : refusal(409));
    const error = await tabular.put(at, 'k', 2).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('too many others') });
  });
});
