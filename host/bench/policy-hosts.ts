import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../src/config/read-config.ts';
import type { RequestContext } from '../src/identity/request-context.ts';
import { silentLogger } from '../src/log/logger.ts';
import type { Gate } from '../src/policy/gate.ts';
import { openPolicyStores, type PolicyStores } from '../src/policy/policy-stores.ts';
import { openRouting } from '../src/routing/open-routing.ts';
import { createTestHost, type TestHost } from '../src/testing/create-test-host.ts';

/** The caller of every measured call. */
export const CALLER: RequestContext = {
  requestId: 'req_1',
  mode: 'lab',
  tenantId: 't_bench',
  projectId: 'p1',
  surfaceId: 'chat',
  actor: { type: 'user', id: 'u_bench', roles: ['writer'] },
  issuer: 'https://issuer.example',
  tenants: ['t_bench'],
  expiresAt: Date.now() + 86_400_000,
  transport: 'mcp',
};
const PLANS =
  'plans:\n  all:\n    name: All\n    scopes: ["*"]\n    quotas:\n      - {window: day, calls: 100000000}\n';
const ALLOW_ALL: Gate = { name: 'allow', decide: async () => ({ allow: true }) };
const by = { updated_by: 'u_op', updated_at: '2026-01-01T00:00:00Z' };

/** A real host on the embedded store, whose chain has nothing to read: it allows at once. */
export function hostWithEmptyChain(dataDir: string): Promise<TestHost> {
  return hostAt(dataDir, { gates: [ALLOW_ALL] });
}

/** A real host with the shipped chain, every gate of which has records to read for the call and allows it. */
export async function hostWithEveryGate(dataDir: string, records: number): Promise<TestHost> {
  const plans = join(dataDir, 'plans.yaml');
  const routing = await openRouting(readConfig({ NORTHSTAR_DATA_DIR: dataDir }, dataDir), silentLogger);
  try {
    await writeFile(plans, PLANS);
    await configure(openPolicyStores(routing.stores.tabular), records);
  } finally {
    await routing.close();
  }
  return hostAt(dataDir, { env: { NORTHSTAR_PLANS: plans } });
}

function hostAt(
  dataDir: string,
  options: { gates?: readonly Gate[]; env?: Record<string, string> },
): Promise<TestHost> {
  const plugins = [fileURLToPath(new URL('../../plugins', import.meta.url))];
  return createTestHost({ plugins, muscles: ['echo'], dataDir, ...options });
}

/** Every gate has something to read, and allows: the dearest answer, since a denial ends the chain. */
async function configure(stores: PolicyStores, records: number): Promise<void> {
  for (const [target, id] of [
    ['all', '*'],
    ['tenant', 't_bench'],
    ['muscle', 'echo'],
    ['scope', 'echo.ping'],
  ] as const)
    await stores.killSwitches.set({ target, id, engaged: false, reason: 'over', ...by });
  await stores.entitlements.assign(CALLER, 'all', 'u_op');
  const license_types = ['lic.echo'];
  await stores.firearms.bind(CALLER, { tool_id: 'echo', scope_name: 'echo.ping', license_types, ...by });
  const grant = { subject_type: 'user' as const, granted_by: 'u_op', granted_at: by.updated_at };
  await stores.firearms.grant(CALLER, { ...grant, license_type: 'lic.echo', subject_id: 'u_bench' });
  await Promise.all(
    Array.from({ length: records }, (_, index) => [
      stores.firearms.bind(CALLER, { tool_id: 'echo', scope_name: `echo.s${index}`, license_types, ...by }),
      stores.firearms.grant(CALLER, { ...grant, license_type: 'lic.echo', subject_id: `u_${index}` }),
    ]).flat(),
  );
  const lock = { level: 'tenant' as const, id: 't_bench', action: 'echo.ping', required: false };
  await stores.lockPolicies.save(CALLER, { ...lock, ...by });
  await stores.budgets.set(CALLER, { window: 'month', threshold_micro_usd: 1e14, ...by });
  await stores.kpis.setCorridor(CALLER, { kpi_name: 'errors', ceiling: 10, ...by });
  await stores.kpis.measure(CALLER, { kpi_name: 'errors', value: 1, at: by.updated_at, reported_by: 'u' });
  await stores.kpis.bind(CALLER, { tool_id: 'echo', scope_name: 'echo.ping', kpi_name: 'errors', ...by });
}
