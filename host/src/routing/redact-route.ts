import type { Json } from '@northstar/sdk';
import type { Backend } from './engine.ts';
import type { Route } from './route.ts';

const HIDDEN = '******';

/** A route as it may be shown: secrets hidden, and passwords taken out of URLs. */
export function redactRoute(route: Route, backend: Pick<Backend, 'secrets'>): Route {
  return { ...route, config: redactConfig(route.config, backend.secrets) as Route['config'] };
}

export function redactConfig(value: Json, secrets: readonly string[]): Json {
  if (Array.isArray(value)) return value.map((item) => redactConfig(item, secrets));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        secrets.includes(name) ? HIDDEN : redactConfig(member, secrets),
      ]),
    );
  return typeof value === 'string' ? redactUrl(value) : value;
}

/** Hides a password before the host, a token of NATS there, and a password or signature among the parameters. */
function redactUrl(value: string): string {
  return value
    .replace(/(\/\/[^:/@\s]*):[^/\s]*@/, `$1:${HIDDEN}@`)
    .replace(/^((?:nats|tls):\/\/)[^:/@\s]+@/, `$1${HIDDEN}@`)
    .replace(/([?&](?:password|sig)=)[^&\s]*/gi, `$1${HIDDEN}`);
}
