/** First path segments that the host answers itself. A muscle there would shadow the control plane or be shadowed. */
export const RESERVED_HTTP_SEGMENTS: readonly string[] = [
  ...['mcp', 'c', 'health', 'tools', 'actions', 'admin', 'firearms', 'routing', 'registry', 'flows', 'graphs'],
  ...['overlays', 'workbench', 'strategy-lock', 'kpi', 'budget', 'entitlements', 'billing', 'events', 'audit', 'sse'],
  ...['ws', 'metrics', 'policy', 'tickets', '.well-known'],
];

const LITERAL = /^[A-Za-z0-9._~-]+$/;
const PARAMETER = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** What is wrong with the path of an http binding, as the rest of a sentence, or nothing. */
export function httpPathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return `must start with "/". Write "/${path}".`;
  if (path.length > 200) return 'is longer than 200 characters. Shorten it.';
  const segments = path.slice(1).split('/');
  if (segments.includes('')) return 'has an empty segment. Remove the doubled or trailing "/".';
  const odd = segments.find((segment) => !LITERAL.test(segment) && !PARAMETER.test(segment));
  if (odd !== undefined) {
    return `has the segment "${odd}". Use letters, digits and "-._~", or a whole segment in braces such as "{asset_id}".`;
  }
  if (segments.includes('.') || segments.includes('..'))
    return 'has a dot segment, which clients resolve away. Remove it.';
  if (PARAMETER.test(segments[0] ?? ''))
    return 'starts with a parameter and so would answer for every path. Put a fixed word first.';
  const parameters = httpPathParameters(path);
  const twice = parameters.find((name, index) => parameters.indexOf(name) !== index);
  return twice === undefined ? undefined : `has the parameter {${twice}} twice. Rename one.`;
}

/** Names in braces, in order. */
export function httpPathParameters(path: string): string[] {
  return path.split('/').flatMap((segment) => PARAMETER.exec(segment)?.[1] ?? []);
}

/** Without regard to case, because routers match that way. */
export function isReservedPath(path: string): boolean {
  return RESERVED_HTTP_SEGMENTS.includes((path.split('/')[1] ?? '').toLowerCase());
}

/** Two routes with one shape answer the same requests: parameters match whatever they are called. */
export function httpRouteShape(method: string, path: string): string {
  const segments = path.split('/').map((segment) => (PARAMETER.test(segment) ? '{}' : segment.toLowerCase()));
  return `${method} ${segments.join('/')}`;
}
