import type { ResourceKind } from '../../../src/routing/resource-kinds.ts';
import type { Call } from './http-client.ts';

/** A request that is right in all but the route, and what it needs beside the events. */
export interface Request extends Call {
  readonly path: string;
  /** The kind that is missing once events are routed; absent where events are all that it needs. */
  readonly needs?: ResourceKind;
}

const asset = { name: 'a.txt', text: 'a' };
const bound = 'tool_id=echo&scope_name=echo.ping';
const measured = `${bound}&kpi_name=load`;
const lock = 'level=tenant&action=echo.ping';
const firearms = (path: string, call: Call = {}): Request => ({ path, needs: 'firearms_policy_store', ...call });
const locks = (path: string, call: Call = {}): Request => ({ path, needs: 'strategy_policy_store', ...call });
const budget = (path: string, call: Call = {}): Request => ({ path, needs: 'budget_store', ...call });
const kpi = (path: string, call: Call = {}): Request => ({ path, needs: 'kpi_store', ...call });
/** The host's own, for which no route has to be set. What changes them is recorded with the events of the caller. */
const recorded = (path: string, call: Call = {}): Request => ({ path, ...call });
const OWN = 'reads what the host keeps for itself';

/** Every route of the control plane, in a sellable mode: the request that meets no route, or why it cannot. */
export const ROUTES: Readonly<Record<string, Request | string>> = {
  'GET /tools': OWN,
  'POST /tools/:scope': budget('/tools/media_v2.create_asset', { json: asset }),
  'POST /actions/execute': budget('/actions/execute', { json: { action: 'echo.ping', arguments: {} } }),
  'GET /firearms/bindings': firearms('/firearms/bindings'),
  'PUT /firearms/bindings': firearms('/firearms/bindings', {
    json: { tool_id: 'echo', scope_name: 'echo.ping', license_types: ['l'] },
  }),
  'DELETE /firearms/bindings': firearms(`/firearms/bindings?${bound}`),
  'GET /firearms/grants': firearms('/firearms/grants'),
  'POST /firearms/grants': firearms('/firearms/grants', {
    json: { license_type: 'l', subject_type: 'user', subject_id: 'u_ann' },
  }),
  'DELETE /firearms/grants/:grant_id': firearms('/firearms/grants/grt_1'),
  'GET /admin/muscles': OWN,
  'POST /admin/muscles/:id/enable': recorded('/admin/muscles/echo/enable'),
  'POST /admin/muscles/:id/disable': recorded('/admin/muscles/none/disable'),
  'POST /admin/muscles/:id/reload': recorded('/admin/muscles/none/reload'),
  'POST /admin/muscles/:id/forget': recorded('/admin/muscles/none/forget'),
  'GET /strategy-lock/policy': locks('/strategy-lock/policy'),
  'PUT /strategy-lock/policy': locks('/strategy-lock/policy', {
    json: { level: 'tenant', action: 'echo.ping', required: true },
  }),
  'DELETE /strategy-lock/policy': locks(`/strategy-lock/policy?${lock}`),
  'GET /strategy-lock/approvals': locks('/strategy-lock/approvals'),
  'POST /strategy-lock/approvals/:lock_id': locks('/strategy-lock/approvals/lck_1', { json: { decision: 'approve' } }),
  'POST /policy/replay': recorded('/policy/replay', { json: {} }),
  'POST /policy/explain': 'answers with the refusal that a call would meet, below',
  'GET /budget/policy': budget('/budget/policy'),
  'PUT /budget/policy': budget('/budget/policy', { json: { window: 'month', threshold: 1 } }),
  'DELETE /budget/policy': budget('/budget/policy?window=month'),
  'POST /budget/usage': budget('/budget/usage', { json: { tool_id: 'echo', cost: 1 } }),
  'GET /budget/usage': budget('/budget/usage?window=month'),
  'GET /kpi/definitions': kpi('/kpi/definitions'),
  'PUT /kpi/definitions': kpi('/kpi/definitions', { json: { kpi_name: 'load' } }),
  'GET /kpi/corridors': kpi('/kpi/corridors'),
  'PUT /kpi/corridors': kpi('/kpi/corridors', { json: { kpi_name: 'load', floor: 1 } }),
  'DELETE /kpi/corridors': kpi('/kpi/corridors?kpi_name=load'),
  'GET /kpi/measurements': kpi('/kpi/measurements?kpi_name=load'),
  'POST /kpi/measurements': kpi('/kpi/measurements', { json: { kpi_name: 'load', value: 1 } }),
  'GET /kpi/bindings': kpi('/kpi/bindings'),
  'PUT /kpi/bindings': kpi('/kpi/bindings', { json: { tool_id: 'echo', scope_name: 'echo.ping', kpi_name: 'load' } }),
  'DELETE /kpi/bindings': kpi(`/kpi/bindings?${measured}`),
  'GET /entitlements': budget('/entitlements'),
  'PUT /entitlements': budget('/entitlements', { json: { plan: 'unlimited' } }),
  'DELETE /entitlements': budget('/entitlements'),
  'POST /billing/checkout-session': budget('/billing/checkout-session', { json: { plan: 'unlimited' } }),
  'GET /billing/checkout-session/:session_id': budget('/billing/checkout-session/cs_1'),
  'POST /billing/checkout-session/:session_id/complete': budget('/billing/checkout-session/cs_1/complete'),
  'GET /admin/kill-switch': OWN,
  'PUT /admin/kill-switch': recorded('/admin/kill-switch', {
    json: { target: 'muscle', id: 'none', engaged: false, reason: 'a test' },
  }),
  'GET /admin/connections': OWN,
  'PUT /admin/connections': recorded('/admin/connections', {
    json: { connection_id: 'c1', mode: 'saas', tenant_id: 't_system', project_id: 'p_one' },
  }),
  'DELETE /admin/connections/:connection_id': recorded('/admin/connections/c1'),
  'POST /tickets': 'writes what the host keeps for itself, and opens nothing by itself',
  'GET /audit': recorded('/audit'),
  'GET /audit/verify': recorded('/audit/verify'),
  'GET /metrics': OWN,
  'POST /events/append': recorded('/events/append', { json: { stream: 'a', type: 't', data: 1 } }),
  'GET /events/replay': recorded('/events/replay?stream=a'),
  'GET /routing/routes': OWN,
  'PUT /routing/routes': recorded('/routing/routes', {
    json: { resource_kind: 'kpi_store', mode: 'lab', backend: 'filesystem' },
  }),
  'DELETE /routing/routes': recorded('/routing/routes?resource_kind=kpi_store&mode=lab'),
  'GET /routing/diagnostics': 'says what is missing',
};
