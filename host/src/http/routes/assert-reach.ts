import type { AuthConfig } from '../../config/host-config.ts';
import { NorthstarError } from '../../errors/northstar-error.ts';
import { SYSTEM_TENANT, type RequestContext } from '../../identity/request-context.ts';

/** Where callers authenticate, what concerns every tenant is for operators of the system tenant. `why` is a clause. */
export function assertSystemReach(auth: AuthConfig, { tenantId }: RequestContext, why: string): void {
  if (auth.kind === 'none' || tenantId === SYSTEM_TENANT) return;
  throw new NorthstarError('identity.operator_required', `${why}; this needs an operator of ${SYSTEM_TENANT}.`);
}
