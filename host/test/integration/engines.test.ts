import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeEngine } from '../engines/describe-engine.ts';
import { freshSchema, POSTGRES_URL, runSql, whyUnreachable } from '../engines/test-postgres.ts';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { PLUGINS } from '../acceptance/repository.ts';
import { startS3Server, type S3Server } from '../engines/s3-server/s3-server.ts';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { allowSellable, WITH_PLANS } from './support/sellable.ts';
import { startIssuer, type Issuer } from './support/issuer.ts';

const schema = freshSchema();
const postgres = { backend: 'postgres', config: { url: POSTGRES_URL, schema, pool: 5 } };
const NOTE = { name: 'note.txt', text: 'kept in S3' };

/** Tests in here build on each other: they tell the story of one tenant on routed engines. */
await describeEngine('postgres and s3 in a sellable mode', whyUnreachable, () => {
  let issuer: Issuer;
  let s3: S3Server;
  let host: TestHost;
  let system: HttpCall;
  let saas: HttpCall;
  let systemSaas: HttpCall;
  let approver: HttpCall;
  let lab: HttpCall;
  let assetId: string;

  beforeAll(async () => {
    issuer = await startIssuer();
    s3 = await startS3Server();
    host = await createTestHost({
      plugins: [PLUGINS],
      muscles: ['echo', 'media_v2'],
      env: { ...issuer.env, ...WITH_PLANS },
    });
    const as = async (mode: string, tenant: string, sub = 'u_ops'): Promise<HttpCall> => {
      const token = await issuer.sign({ sub, tenant_id: tenant, roles: ['operator'] });
      return httpClient(host.url, { authorization: `Bearer ${token}`, 'x-mode': mode, 'x-project-id': 'p_one' });
    };
    system = await as('lab', 't_system');
    saas = await as('saas', 't_acme');
    systemSaas = await as('saas', 't_system');
    approver = await as('saas', 't_acme', 'u_approver');
    lab = await as('lab', 't_acme');
    const { endpoint, region, bucket, credentials } = s3;
    const objects = {
      backend: 's3',
      config: { endpoint, region, bucket, credentials, prefix: 'north', names: postgres },
    };
    const routes = [
      { resource_kind: 'firearms_policy_store', ...postgres },
      { resource_kind: 'strategy_policy_store', ...postgres },
      { resource_kind: 'budget_store', ...postgres },
      { resource_kind: 'kpi_store', ...postgres },
      { resource_kind: 'tabular_store', ...postgres },
      { resource_kind: 'event_spine', ...postgres },
      { resource_kind: 'object_store', ...objects },
    ];
    for (const route of routes) {
      const answer = await system('/routing/routes', { method: 'PUT', json: { mode: 'saas', ...route } });
      expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
      expect(answer.text).not.toContain(credentials.secretAccessKey);
    }
  });
  afterAll(async () => {
    await host?.close();
    await s3?.stop();
    await issuer?.close();
    await runSql(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  });

  test('[ROUTE-07] the routed kinds answer, and the others are still missing', async () => {
    const { kinds } = (await saas('/routing/diagnostics')).json as { kinds: { resource_kind: string }[] };
    const of = (kind: string) => kinds.find(({ resource_kind }) => resource_kind === kind);
    expect(of('tabular_store')).toMatchObject({ status: 'routed', backend: 'postgres', reachable: true });
    expect(of('firearms_policy_store')).toMatchObject({ status: 'routed', backend: 'postgres', reachable: true });
    expect(of('event_spine')).toMatchObject({ status: 'routed', backend: 'postgres', reachable: true });
    expect(of('object_store')).toMatchObject({ status: 'routed', backend: 's3', reachable: true });
    expect(of('workbench_store')).toMatchObject({ status: 'missing' });
  });

  test('[ENT-01] [BUD-05] without a plan, and then without a budget, a sellable mode runs nothing', async () => {
    const ping = async () => (await saas('/tools/echo.ping', { json: { message: 'hello' } })).json;
    expect(await ping()).toMatchObject({
      error: { code: 'entitlement.required', gate: 'entitlement', details: { required_plan: 'free', plan: null } },
    });
    const plan = { tenant_id: 't_acme', plan: 'unlimited' };
    expect((await systemSaas('/entitlements', { method: 'PUT', json: plan })).status).toBe(200);
    expect(await ping()).toMatchObject({
      error: { code: 'budget.threshold_missing', http_status: 403, gate: 'budget' },
    });
    await allowSellable(systemSaas, saas, 't_acme');
    expect(await ping()).toMatchObject({ message: 'hello' });
  });

  test('[ROUTE-07] tools run: records and events go to Postgres, bytes to S3 and back', async () => {
    expect((await saas('/tools/echo.ping', { json: { message: 'hello' } })).status).toBe(200);
    const created = await saas('/tools/media_v2.create_asset', { json: NOTE });
    expect(created).toMatchObject({ status: 200, json: { name: 'note.txt', size: NOTE.text.length } });
    assetId = (created.json as { asset_id: string }).asset_id;
    expect([...s3.objects.keys()]).toEqual([expect.stringMatching(/^north\/sha256\//)]);
    const content = await saas(`/media-v2/assets/${assetId}/content`);
    expect(content).toMatchObject({ status: 200, text: NOTE.text });
  });

  test('[ROUTE-07] [LOCK-02] policy is kept there: a bound write needs its licence, and then an approval by somebody else', async () => {
    const bound = { tool_id: 'media_v2', scope_name: 'media_v2.create_asset', license_types: ['lic.media'] };
    expect((await saas('/firearms/bindings', { method: 'PUT', json: bound })).status).toBe(200);
    expect(codeOf(await saas('/tools/media_v2.create_asset', { json: NOTE }))).toBe('firearms.missing_grant');
    const grant = { license_type: 'lic.media', subject_type: 'user', subject_id: 'u_ops' };
    expect((await saas('/firearms/grants', { json: grant })).status).toBe(201);
    const locked = await saas('/tools/media_v2.create_asset', { json: NOTE });
    expect(codeOf(locked)).toBe('strategy_lock.required');
    const approval = `/strategy-lock/approvals/${locked.json.error.details.lock_id}`;
    expect(codeOf(await saas(approval, { json: { decision: 'approve' } }))).toBe('approval.own_request');
    expect((await approver(approval, { json: { decision: 'approve' } })).status).toBe(200);
    expect((await saas('/tools/media_v2.create_asset', { json: NOTE })).status).toBe(200);
  });

  test('[ROUTE-07] the audit chain of the tenant in this mode is whole', async () => {
    const verified = (await saas('/audit/verify')).json as { ok: boolean; records: number };
    expect(verified).toMatchObject({ ok: true, tenant_id: 't_acme', mode: 'saas' });
    const { records } = (await saas('/audit')).json as { records: unknown[] };
    expect(records.length).toBeGreaterThan(3);
    const { rows } = await runSql(
      'SELECT count(*)::int AS tables FROM information_schema.tables WHERE table_schema = $1',
      [schema],
    );
    expect(rows[0].tables).toBeGreaterThan(1);
  });

  test('[ROUTE-07] lab sees nothing of it: it runs on the engine of the machine', async () => {
    expect((await lab('/tools/media_v2.list_assets', { json: {} })).json).toMatchObject({ assets: [] });
    expect((await lab(`/media-v2/assets/${assetId}/content`)).status).toBe(404);
    expect((await lab('/firearms/grants')).json).toMatchObject({ grants: [] });
    expect((await lab('/tools/media_v2.create_asset', { json: NOTE })).status).toBe(200);
    expect((await saas('/tools/media_v2.list_assets', { json: {} })).json.assets).toHaveLength(2);
  });
});
