import type { HttpParts } from '../http-parts.ts';
import { operatorRoute, type Route } from './route.ts';

/** What the host counts about itself, for Prometheus. It spans all tenants and names none. */
export function metricsRoutes({ metrics, decisions }: HttpParts): Route[] {
  const route: Route = {
    method: 'get',
    path: '/metrics',
    handle: async ({ res }) => {
      const text = metrics.render();
      res.writeHead(200, {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        'content-length': Buffer.byteLength(text),
      });
      res.end(text);
    },
  };
  return [operatorRoute(route, decisions)];
}
