import { NorthstarError } from '../errors/northstar-error.ts';
import type { ResourceKind } from './resource-kinds.ts';
import type { RoutingFacts } from './route.ts';

/** Nobody said where this kind lives for this audience. Nothing is guessed: data in the wrong place is worse. */
export function missingRoute(kind: ResourceKind, facts: RoutingFacts): NorthstarError {
  const audience = `tenant ${facts.tenantId}${facts.mode ? `, mode ${facts.mode}` : ''}${facts.projectId ? `, project ${facts.projectId}` : ''}`;
  return new NorthstarError(
    `${kind}.missing_route`,
    `${kind}.missing_route: no engine is routed for ${kind} (${audience}). An operator routes one with PUT /routing/routes; GET /routing/diagnostics shows what is missing.`,
    { details: { resource_kind: kind, tenant_id: facts.tenantId, ...(facts.mode && { mode: facts.mode }) } },
  );
}
