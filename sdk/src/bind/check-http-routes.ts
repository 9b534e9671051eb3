import type { ScopeSpec } from '../contract/spec.ts';
import type { Findings } from './findings.ts';
import { httpRouteShape } from './http-path.ts';
import type { SpecEntry } from './read-entries.ts';
import type { Position } from './spec-positions.ts';

/** Reports scopes of one muscle that answer the same http requests. */
export function checkHttpRoutes(scopes: readonly SpecEntry<ScopeSpec>[], findings: Findings): void {
  const taken = new Map<string, { name: string; at: Position }>();
  for (const { value, fields } of scopes) {
    if (!value.http?.path) continue;
    const at = fields.at('http', 'path');
    const shape = httpRouteShape(value.http.method, value.http.path);
    const twin = taken.get(shape);
    if (twin) {
      const message = `${value.http.method} ${value.http.path} is answered by "${twin.name}" on line ${twin.at.line}. Change the method or the path.`;
      findings.error('spec.duplicate_http_route', at, message);
    } else taken.set(shape, { name: value.name, at });
  }
}
