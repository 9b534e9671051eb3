import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { describeEngineFailures } from '../../contract/engine-failures.contract.ts';
import { describeEventSpine } from '../../contract/event-spine.contract.ts';
import { describeTabularStore } from '../../contract/tabular-store.contract.ts';
import { describeTwoHosts } from '../../contract/two-hosts.contract.ts';
import { describeVersionedStore } from '../../contract/versioned-store.contract.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import { openTestPostgres, POSTGRES_URL, whyUnreachable } from '../../../../test/engines/test-postgres.ts';
import { openPostgres } from './open-postgres.ts';

await describeEngine('postgres', whyUnreachable, () => {
  describeTabularStore('postgres', async () => {
    const { tabular, close } = await openTestPostgres();
    return { store: tabularWithKeyCodec(tabular), close };
  });
  describeEventSpine('postgres', async () => {
    const { spine, close } = await openTestPostgres();
    return { store: spineWithKeyCodec(spine), close };
  });
  describeVersionedStore('postgres', async () => {
    const { tabular, spine, close } = await openTestPostgres();
    return { store: { tabular: tabularWithKeyCodec(tabular), spine: spineWithKeyCodec(spine) }, close };
  });
  describeTwoHosts('postgres', async () => {
    const one = await openTestPostgres();
    const two = await openPostgres({ url: POSTGRES_URL, schema: one.schema, pool: 5 });
    return { hosts: [one, two], close: () => two.close().then(one.close) };
  });
  describeEngineFailures('postgres', async () => {
    const { schema, close } = await openTestPostgres();
    const { hostname: host, port } = new URL(POSTGRES_URL);
    const open = (address: string, timeoutMs: number) => {
      const url = Object.assign(new URL(POSTGRES_URL), { host: address }).href;
      return openPostgres({ url, schema, pool: 5, timeoutMs });
    };
    return { host, port: Number(port) || 5432, open, close };
  });
});
