import { expect, test } from 'vitest';
import { narrowestRoute, routeId, type Route } from './route.ts';
import { redactRoute } from './redact-route.ts';

const route = (audience: Partial<Route>, backend: string): Route => ({
  resource_kind: 'kpi_store',
  backend,
  config: {},
  ...audience,
});

test('[ROUTE-06] the narrowest route counts: tenant before project before mode', () => {
  const routes = [
    route({}, 'any'),
    route({ mode: 'saas' }, 'mode'),
    route({ project_id: 'p_one' }, 'project'),
    route({ tenant_id: 't_acme' }, 'tenant'),
    route({ tenant_id: 't_acme', mode: 'saas' }, 'tenant and mode'),
    route({ tenant_id: 't_other', project_id: 'p_one', mode: 'saas' }, 'not ours'),
    { ...route({}, 'another kind'), resource_kind: 'budget_store' as const },
  ];
  const pick = (tenantId: string, mode?: 'lab' | 'saas', projectId?: string) =>
    narrowestRoute(routes, 'kpi_store', { tenantId, mode, projectId })?.backend;
  expect(pick('t_acme', 'saas', 'p_one')).toBe('tenant and mode');
  expect(pick('t_acme', 'lab', 'p_one')).toBe('tenant');
  expect(pick('t_new', 'saas', 'p_one')).toBe('project');
  expect(pick('t_new', 'saas', 'p_two')).toBe('mode');
  expect(pick('t_new', 'lab', 'p_two')).toBe('any');
  expect(narrowestRoute(routes, 'config_store', { tenantId: 't_acme' })).toBeUndefined();
});

test('[ROUTE-06] two routes for the same kind and audience are one', () => {
  expect(routeId(route({ mode: 'lab' }, 'a'))).toBe(routeId(route({ mode: 'lab' }, 'b')));
  expect(routeId(route({ mode: 'lab' }, 'a'))).not.toBe(routeId(route({}, 'a')));
});

test('[ROUTE-05] what is shown of a route holds no password and no key', () => {
  const shown = redactRoute(
    {
      ...route({}, 'x'),
      config: {
        url: 'postgres://app:hunter2@db:5432/north',
        key: 'k3y',
        names: { config: { url: 'redis://:pw@cache' } },
      },
    },
    { secrets: ['key'] },
  );
  expect(JSON.stringify(shown)).not.toMatch(/hunter2|k3y|:pw@/);
  expect(shown.config.url).toBe('postgres://app:******@db:5432/north');
});

test('[ROUTE-05] what is shown of a route to NATS holds no token', () => {
  for (const scheme of ['nats', 'tls']) {
    const shown = redactRoute({ ...route({}, 'x'), config: { url: `${scheme}://t0ken@bus:4222` } }, { secrets: [] });
    expect(shown.config.url).toBe(`${scheme}://******@bus:4222`);
  }
});
