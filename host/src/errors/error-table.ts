/** One row of the table that docs and tests are checked against. */
export interface ErrorRow {
  readonly status: number;
  /** Whether the same request may succeed later without changes. */
  readonly retryable: boolean;
  /** What it means and what to do about it, for the reference page. */
  readonly meaning: string;
}

const row = (status: number, meaning: string, retryable = false): ErrorRow => ({ status, retryable, meaning });

/**
 * Every code that the host itself gives out. Muscles add their own through MuscleError, prefixed with their namespace.
 * `<resource_kind>.missing_route` stands for one code per resource kind.
 */
export const ERROR_TABLE = {
  'context.missing_mode': row(400, 'Send the X-Mode header: lab, saas or enterprise.'),
  'context.invalid_mode': row(400, 'X-Mode must be lab, saas or enterprise.'),
  'context.missing_tenant': row(400, 'Send the X-Tenant-Id header, such as t_acme.'),
  'context.invalid_tenant': row(400, 'X-Tenant-Id must match ^t_[a-z0-9_-]+$ and be at most 64 characters.'),
  'context.missing_project': row(400, 'Send the X-Project-Id header.'),
  'context.invalid_project': row(400, 'X-Project-Id must be 1 to 128 printable characters.'),
  'context.invalid_header': row(400, 'An optional identity header is malformed, repeated or too long.'),
  'context.forbidden_env': row(400, 'X-Env is not accepted; the mode goes into X-Mode.'),
  'identity.unauthenticated': row(
    401,
    'This host needs a bearer token, and the one sent is missing, expired or invalid.',
  ),
  'identity.mismatch': row(403, 'A header contradicts a claim of the token; claims win, so leave the header out.'),
  'identity.mode_not_allowed': row(403, 'Without authentication the host serves lab mode only.'),
  'identity.not_a_member': row(403, 'The caller is no member of the tenant that the call acts in.'),
  'identity.operator_required': row(403, 'The operation belongs to operators; the token needs the operator role.'),
  'identity.unavailable': row(503, 'The key set that verifies tokens could not be fetched.', true),
  'ticket.invalid': row(401, 'The ticket is unknown, expired, already used, or was made for something else.'),
  'grant.not_found': row(404, 'No grant has this id in this tenant.'),
  'binding.not_found': row(404, 'No binding exists for this tool and scope in this tenant.'),
  'lock_policy.not_found': row(404, 'No strategy-lock policy exists for this level, id and action.'),
  'approval.not_found': row(404, 'No request for approval has this lock_id in this tenant and mode.'),
  'approval.not_pending': row(409, 'The request was decided on already, or its time is over.'),
  'approval.own_request': row(403, 'Outside lab nobody decides on their own request.'),
  'budget.policy_not_found': row(404, 'No budget policy covers exactly this in this tenant.'),
  'kpi.not_found': row(404, 'No corridor or binding of this KPI exists in this tenant.'),
  'entitlement.unknown_plan': row(400, 'The plans file of this host has no plan of this id.'),
  'entitlement.not_assigned': row(404, 'The tenant has no plan.'),
  'billing.session_not_found': row(404, 'No checkout session of this id exists in this tenant.'),
  'billing.session_closed': row(409, 'The checkout session is over: completed before, or expired.'),
  'billing.not_paid': row(409, 'The provider has no payment for the session yet.'),
  'billing.unavailable': row(503, 'The billing provider did not answer.', true),
  'connection.not_found': row(404, 'No connection has this id; an operator makes one at /admin/connections.'),
  'origin.forbidden': row(403, 'The Origin header names a site that may not talk to this host.'),
  'host.forbidden': row(403, 'The Host header names a host that this server is not.'),
  'request.invalid': row(400, 'The request is malformed; the message names the part.'),
  'request.body_too_large': row(413, 'The body is over the limit; upload large content over the http binding instead.'),
  'request.timeout': row(408, 'The body did not arrive in time; send it again.', true),
  'request.headers_too_large': row(431, 'The headers are over the limit; send fewer or shorter ones.'),
  'request.range_not_satisfiable': row(416, 'The Range header asks for bytes that the content does not have.'),
  'request.cancelled': row(499, 'The caller gave up before the answer was there.'),
  'request.unsupported_media_type': row(415, 'Send the body as application/json.'),
  'request.method_not_allowed': row(405, 'The path exists, with other methods; see the Allow header.'),
  'route.not_found': row(404, 'No route has this path.'),
  'overload.in_flight': row(503, 'As many calls as the host takes are running; try again.', true),
  'overload.jobs': row(503, 'As many jobs as the host takes are running; try again later.', true),
  'job.not_found': row(404, 'No job of this scope has this id in this tenant, or it is too old.'),
  'overload.sessions': row(503, 'As many MCP sessions as the host takes are open; close one or try again.', true),
  'overload.subscriptions': row(503, 'The session watches as many resources as it may; unsubscribe from one.'),
  'validation.failed': row(400, 'The arguments do not fit the input schema; details.issues names each one.'),
  'scope.not_found': row(404, 'No active muscle has this scope, resource or prompt.'),
  'kill_switch.engaged': row(403, 'An operator has switched this off.'),
  'firearms.missing_grant': row(403, 'The caller lacks a licence that the scope is bound to.'),
  'strategy_lock.required': row(
    403,
    'This exact call needs an approval; details.lock_id is what an operator approves.',
  ),
  'entitlement.required': row(403, 'The plan of the tenant does not allow the call; details.required_plan does.'),
  'budget.threshold_exceeded': row(403, 'A budget has no money left for the call; details has the figures.'),
  'budget.threshold_missing': row(403, 'No budget covers the call, and saas and enterprise run nothing without one.'),
  'kpi.floor_breached': row(403, 'A KPI that the scope is bound to is below its floor; details has the figures.'),
  'kpi.ceiling_breached': row(403, 'A KPI that the scope is bound to is above its ceiling; details has the figures.'),
  'policy.unavailable': row(
    503,
    'A gate could not decide (error, time-out or unreachable store), so the call is denied.',
    true,
  ),
  'events.reserved_stream': row(403, 'The stream belongs to the host itself and cannot be written to from outside.'),
  'audit.unavailable': row(503, 'The decision could not be recorded, so the call is denied.', true),
  'muscle.not_found': row(404, 'No muscle has this id; GET /admin/muscles lists the ones there are.'),
  'muscle.failed': row(503, 'The muscle did not answer in time or is not running.', true),
  'muscle.reported_error': row(422, 'The call ran, and its outcome is a failure that the message tells.'),
  'muscle.asks_caller': row(422, 'The scope asks its caller something, which only an MCP client can answer.'),
  'muscle.invalid_result': row(500, 'The muscle answered something that does not fit its output model.'),
  'version.conflict': row(409, 'The record changed since it was read; read it again and repeat.'),
  'cursor.invalid': row(410, 'The cursor is unknown or expired; start from the beginning.'),
  'payload.too_large': row(413, 'The content is over the limit for this way of sending it.'),
  'key.invalid': row(400, 'The id is empty, too long, or holds control characters.'),
  'store.unavailable': row(503, 'A store could not be reached; nothing was written.', true),
  'store.unknown_outcome': row(503, 'A write may or may not have happened; read before repeating it.'),
  '<resource_kind>.missing_route': row(503, 'No engine is routed for this resource kind.'),
  'routing.invalid_route': row(400, 'The route names an unknown engine, or settings that the engine does not take.'),
  'routing.engine_not_allowed': row(400, 'Engines of one machine serve lab mode only; route another engine.'),
  'routing.route_not_found': row(404, 'No route exists for this kind and audience.'),
  internal: row(500, 'Something unexpected; the log has the reference id that the message names.'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERROR_TABLE;
