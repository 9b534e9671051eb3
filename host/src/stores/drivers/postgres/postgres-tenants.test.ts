import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { openTestPostgres, runSql, whyUnreachable } from '../../../../test/engines/test-postgres.ts';
import { itKeepsTenantsApart } from '../../contract/foreign-tenant.contract.ts';

const ann = { tenantId: 't_ann', kind: 'notes', stream: 'log' };
const bob = { ...ann, tenantId: 't_bob' };
const event = (data: string) => ({ type: 't', data, eventId: 'e1' });

await describeEngine('postgres tenants', whyUnreachable, () => {
  let stores: Awaited<ReturnType<typeof openTestPostgres>>;
  const tenantsOf = async (table: string): Promise<unknown[]> =>
    (await runSql(`SELECT tenant FROM ${stores.schema}.${table} ORDER BY tenant`)).rows.map(({ tenant }) => tenant);

  beforeEach(async () => {
    stores = await openTestPostgres();
  });
  afterEach(() => stores.close());

  it('[STORE-02] has the tenant in the key of records and streams: equal names lie beside each other', async () => {
    const { tabular, spine } = stores;
    for (const at of [ann, bob]) {
      await tabular.put(at, 'k', at.tenantId, { ifVersion: 'absent' });
      await spine.append(at, event(at.tenantId), { expect: null });
    }
    expect(await tenantsOf('records')).toEqual(['t_ann', 't_bob']);
    expect(await tenantsOf('streams')).toEqual(['t_ann', 't_bob']);
  });

  itKeepsTenantsApart(() => stores);
});
