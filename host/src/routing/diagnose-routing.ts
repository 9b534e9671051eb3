import { withinTime } from '../errors/within-time.ts';
import { RESOURCE_KINDS, type ResourceKind, type StorePort } from './resource-kinds.ts';
import type { RoutingFacts } from './route.ts';
import type { Router } from './router.ts';

/** Milliseconds that an engine has to answer the probe. */
const PROBE_MS = 3000;
const PROBE = 'routing-probe';

export interface KindDiagnosis {
  readonly resource_kind: ResourceKind;
  readonly status: 'routed' | 'default' | 'missing';
  readonly backend?: string;
  /** Whether the engine answered a read just now; absent where nothing is routed. */
  readonly reachable?: boolean;
  readonly error?: string;
}

/** For each kind: what serves this audience, and whether it answers. */
export function diagnoseRouting(router: Router, facts: RoutingFacts): Promise<KindDiagnosis[]> {
  return Promise.all((Object.keys(RESOURCE_KINDS) as ResourceKind[]).map((kind) => diagnose(router, kind, facts)));
}

async function diagnose(router: Router, kind: ResourceKind, facts: RoutingFacts): Promise<KindDiagnosis> {
  const resolved = router.resolve(kind, facts);
  if (resolved === undefined) return { resource_kind: kind, status: 'missing' };
  const status = resolved.source === 'route' ? 'routed' : 'default';
  const where = { status, backend: resolved.target.backend } as const;
  try {
    await withinTime(probe(router, kind, facts), PROBE_MS, { what: 'no answer' });
    return { resource_kind: kind, ...where, reachable: true };
  } catch (error) {
    // Operators only see this, and an engine's own words are what they need.
    return { resource_kind: kind, ...where, reachable: false, error: (error as Error).message };
  }
}

async function probe(router: Router, kind: ResourceKind, facts: RoutingFacts): Promise<void> {
  const { tenantId } = facts;
  const port: StorePort = RESOURCE_KINDS[kind];
  if (port === 'tabular') await (await router.tabular(kind, facts)).get({ tenantId, kind }, PROBE);
  else if (port === 'spine') await (await router.spine(kind, facts)).head({ tenantId, stream: PROBE });
  else await (await router.objects(kind, facts)).stat({ tenantId, kind }, PROBE);
}
