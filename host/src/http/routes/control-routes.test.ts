import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HttpParts } from '../http-parts.ts';
import { controlRoutes } from './control-routes.ts';

test('[DOC-06] the reference page lists every route, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/reference/http.md'), 'utf8');
  const documented = [...page.matchAll(/^\| `([A-Z]+) (\/[^`?]*)/gm)].map(([, method, path]) => `${method} ${path}`);
  const elsewhere = [
    'GET /health',
    'POST /mcp',
    'POST /c/{connection_id}/mcp',
    'GET /.well-known/oauth-protected-resource',
  ];
  const served = controlRoutes({} as HttpParts).map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`,
  );
  expect(documented.filter((route) => !elsewhere.includes(route)).sort()).toEqual(served.sort());
});
