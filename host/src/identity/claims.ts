import type { JWTPayload } from 'jose';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { StatedIdentity } from './identity-fields.ts';
import type { Actor } from './request-context.ts';

/** What a verified token says, in the host's words. */
export interface ClaimedIdentity {
  readonly stated: StatedIdentity;
  readonly actor: Actor;
  /** Every tenant that the token names. */
  readonly tenants: readonly string[];
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** It stands in store keys, stream names and logs. RFC 9068 subjects are ASCII of at most 255 characters. */
const SUBJECT = /^[\x21-\x7e]{1,255}$/;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * Claims: `sub`, `tenant_id` (one) or `tenants` (several, the header picks), `mode`, `project_id`, `app_id`,
 * `surface_id`, `roles` (array or space-separated), `actor_type` (`user` or `agent`). A token without a tenant is
 * refused: otherwise any user of the issuer could enter any tenant by sending a header.
 */
export function readClaims(payload: JWTPayload, headers: StatedIdentity): ClaimedIdentity {
  const userId = text(payload.sub);
  if (userId === undefined)
    throw new NorthstarError('identity.unauthenticated', 'The bearer token has no "sub" claim, so it names nobody.');
  if (!SUBJECT.test(userId))
    throw new NorthstarError(
      'identity.unauthenticated',
      'The "sub" claim of the bearer token is not usable: 1 to 255 visible ASCII characters.',
    );
  const stated: StatedIdentity = {
    mode: text(payload.mode),
    tenantId: claimedTenant(payload, headers.tenantId),
    projectId: text(payload.project_id),
    appId: text(payload.app_id),
    surfaceId: text(payload.surface_id),
    userId,
  };
  refuseContradictions('the bearer token', stated, headers);
  return {
    stated,
    tenants: claimedTenants(payload),
    issuer: text(payload.iss) ?? 'unknown',
    expiresAt: (payload.exp ?? 0) * 1000,
    actor: { type: payload.actor_type === 'agent' ? 'agent' : 'user', id: userId, roles: readRoles(payload.roles) },
  };
}

function claimedTenant(payload: JWTPayload, header: string | undefined): string {
  const one = text(payload.tenant_id);
  if (one !== undefined) return one;
  const several = claimedTenants(payload);
  const only = several.length === 1 ? several[0] : undefined;
  if (only !== undefined && header === undefined) return only;
  if (header !== undefined && several.includes(header)) return header;
  throw new NorthstarError(
    'identity.mismatch',
    several.length === 0
      ? 'The bearer token names no tenant; have the issuer add a "tenant_id" or "tenants" claim.'
      : 'X-Tenant-Id names none of the tenants in the bearer token; send one of those.',
  );
}

function claimedTenants(payload: JWTPayload): string[] {
  const one = text(payload.tenant_id);
  if (one !== undefined) return [one];
  return Array.isArray(payload.tenants) ? payload.tenants.filter((tenant) => text(tenant) !== undefined) : [];
}

const HEADER_NAMES: Record<keyof StatedIdentity, string> = {
  mode: 'X-Mode',
  tenantId: 'X-Tenant-Id',
  projectId: 'X-Project-Id',
  appId: 'X-App-Id',
  surfaceId: 'X-Surface-Id',
  userId: 'X-User-Id',
};

/** Claims win, and a header that says otherwise is a confused or hostile client: say so instead of ignoring it. */
export function refuseContradictions(source: string, claims: StatedIdentity, headers: StatedIdentity): void {
  for (const [field, header] of Object.entries(HEADER_NAMES) as [keyof StatedIdentity, string][]) {
    if (headers[field] !== undefined && claims[field] !== undefined && headers[field] !== claims[field])
      throw new NorthstarError('identity.mismatch', `${header} contradicts ${source}; leave the header out.`, {
        details: { header },
      });
  }
}

function readRoles(value: unknown): string[] {
  if (typeof value === 'string') return value.split(' ').filter((role) => role !== '');
  return Array.isArray(value) ? value.filter((role): role is string => typeof role === 'string') : [];
}
