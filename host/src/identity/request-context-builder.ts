import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { StdioIdentity } from '../config/host-config.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import { readClaims, refuseContradictions } from './claims.ts';
import type { Connection } from './connection.ts';
import { checkMode, checkOptionalId, checkProject, checkTenant, readTraceparent } from './identity-fields.ts';
import type { StatedIdentity } from './identity-fields.ts';
import { OPERATOR_ROLE, type Actor, type RequestContext, type Transport } from './request-context.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** Default caller where nobody authenticates: `lab` on loopback. */
const LAB_USER = 'u_lab';
const OPTIONAL_HEADERS = ['X-App-Id', 'X-Surface-Id', 'X-User-Id', 'X-Request-Id', 'X-Run-Id', 'X-Step-Id'];

interface Correlation {
  readonly requestId?: string | undefined;
  readonly runId?: string | undefined;
  readonly stepId?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** The one way to a RequestContext: headers, bearer tokens, connections and the stdio environment all end in `build`. */
export class RequestContextBuilder {
  readonly #verify: TokenVerifier | undefined;

  /** Without a verifier nobody authenticates, and only `lab` is served. */
  constructor(verify?: TokenVerifier) {
    this.#verify = verify;
  }

  /**
   * From an HTTP request. A connection's fixed fields count as headers that the client could not send itself; it is
   * looked up after the token was checked, so that strangers cannot find out which connections there are.
   */
  async fromHttp(
    headers: IncomingHttpHeaders,
    transport: Transport,
    findConnection?: () => Promise<Connection>,
  ): Promise<RequestContext> {
    refuseEnv(headers);
    const payload = await this.#verify?.(bearerToken(headers.authorization));
    const stated = readHeaders(headers, await findConnection?.());
    const correlation: Correlation = {
      requestId: header(headers, 'x-request-id'),
      runId: header(headers, 'x-run-id'),
      stepId: header(headers, 'x-step-id'),
      traceparent: header(headers, 'traceparent'),
    };
    if (payload === undefined) return unauthenticated(stated, correlation, transport);
    const claimed = readClaims(payload, stated);
    const merged = { ...stated, ...defined(claimed.stated) };
    return build(merged, correlation, { ...claimed, transport });
  }

  /** Checks the identity headers that were sent, and only those; `/health` uses it so that a wrong header is told. */
  checkSentHeaders(headers: IncomingHttpHeaders): void {
    refuseEnv(headers);
    const mode = header(headers, 'x-mode');
    const tenant = header(headers, 'x-tenant-id');
    const project = header(headers, 'x-project-id');
    if (mode !== undefined) checkMode(mode);
    if (tenant !== undefined) checkTenant(tenant);
    if (project !== undefined) checkProject(project);
    for (const name of OPTIONAL_HEADERS) checkOptionalId(name, header(headers, name.toLowerCase()));
  }

  /** From the environment of a stdio process, or of a one-off command. The operating system vouches for the user. */
  fromEnvironment(identity: StdioIdentity, transport: 'stdio' | 'cli'): RequestContext {
    const stated = {
      ...identity,
      mode: identity.mode ?? 'lab',
      tenantId: identity.tenantId ?? 't_lab',
      projectId: identity.projectId ?? 'p_lab',
    };
    return unauthenticated(stated, {}, transport);
  }

  /** From a redeemed ticket: the context it was made from, under a new request id. */
  fromTicket(context: RequestContext, headers: IncomingHttpHeaders): RequestContext {
    refuseEnv(headers);
    refuseContradictions('the ticket', { ...context, userId: context.actor.id }, readHeaders(headers));
    return Object.freeze({
      ...context,
      requestId: checkOptionalId('X-Request-Id', header(headers, 'x-request-id')) ?? newRequestId(),
    });
  }
}

function readHeaders(headers: IncomingHttpHeaders, connection?: Connection): StatedIdentity {
  const sent: StatedIdentity = {
    mode: header(headers, 'x-mode'),
    tenantId: header(headers, 'x-tenant-id'),
    projectId: header(headers, 'x-project-id'),
    appId: header(headers, 'x-app-id'),
    surfaceId: header(headers, 'x-surface-id'),
    userId: header(headers, 'x-user-id'),
  };
  if (connection === undefined) return sent;
  const fixed: StatedIdentity = {
    mode: connection.mode,
    tenantId: connection.tenant_id,
    projectId: connection.project_id,
    surfaceId: connection.surface_id,
  };
  return { ...sent, ...defined(fixed) };
}

function unauthenticated(stated: StatedIdentity, correlation: Correlation, transport: Transport): RequestContext {
  const mode = checkMode(stated.mode);
  if (mode !== 'lab')
    throw new NorthstarError(
      'identity.mode_not_allowed',
      transport === 'stdio' || transport === 'cli'
        ? `Nobody authenticates the user of a ${transport === 'cli' ? 'command' : 'stdio process'}, so it serves lab mode only, not ${mode}. Set NORTHSTAR_MODE=lab, or run northstar serve with NORTHSTAR_AUTH=jwt for ${mode}.`
        : `This host does not authenticate callers, so it serves lab mode only, not ${mode}. Send X-Mode: lab, or have the operator set NORTHSTAR_AUTH=jwt.`,
    );
  const id = checkOptionalId('X-User-Id', stated.userId) ?? LAB_USER;
  return build(stated, correlation, { actor: { type: 'user', id, roles: [OPERATOR_ROLE] }, issuer: 'none', transport });
}

function build(
  stated: StatedIdentity,
  correlation: Correlation,
  who: { actor: Actor; issuer: string; transport: Transport; tenants?: readonly string[]; expiresAt?: number },
): RequestContext {
  const optional = {
    runId: checkOptionalId('X-Run-Id', correlation.runId),
    stepId: checkOptionalId('X-Step-Id', correlation.stepId),
    traceparent: readTraceparent(correlation.traceparent),
    appId: checkOptionalId('X-App-Id', stated.appId),
    surfaceId: checkOptionalId('X-Surface-Id', stated.surfaceId),
  };
  return Object.freeze({
    mode: checkMode(stated.mode),
    tenantId: checkTenant(stated.tenantId),
    projectId: checkProject(stated.projectId),
    requestId: checkOptionalId('X-Request-Id', correlation.requestId) ?? newRequestId(),
    ...defined(optional),
    actor: Object.freeze({ ...who.actor, roles: Object.freeze([...who.actor.roles]) }),
    ...(who.tenants && { tenants: Object.freeze([...who.tenants]) }),
    issuer: who.issuer,
    transport: who.transport,
    ...(who.expiresAt !== undefined && { expiresAt: who.expiresAt }),
  });
}

function newRequestId(): string {
  return `req_${randomBytes(12).toString('base64url')}`;
}

function refuseEnv(headers: IncomingHttpHeaders): void {
  if (headers['x-env'] !== undefined)
    throw new NorthstarError(
      'context.forbidden_env',
      'X-Env is not accepted; put the mode into X-Mode and leave X-Env out.',
    );
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  const one = Array.isArray(value) ? value.join(',') : value;
  return one === undefined || one.trim() === '' ? undefined : one.trim();
}

function bearerToken(authorization: string | undefined): string {
  const match = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization ?? '');
  if (match?.[1] === undefined)
    throw new NorthstarError(
      'identity.unauthenticated',
      'Send "Authorization: Bearer <token>" with a token of this host\'s issuer.',
    );
  return match[1];
}

/** Drops `undefined`, so that spreading never erases a value. */
function defined<T extends object>(value: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };
}
