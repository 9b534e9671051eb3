import { delimiter, resolve } from 'node:path';
import { isLoopback } from './loopback.ts';
import { readRetention } from './retention-config.ts';
import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';
import { readIsolation } from './read-isolation.ts';
import { readTraces } from './read-traces.ts';
import { DEFAULT_LIMITS, type AuthConfig, type DataFile, type EngineSetting, type HostConfig } from './host-config.ts';

/**
 * The only reader of the environment. Relative paths are resolved against `cwd`. Every problem is reported at once,
 * because fixing a configuration one error a start is slow.
 */
export function readConfig(env: Environment, cwd: string): HostConfig {
  const problems: string[] = [];
  const oneOf = <T extends string>(name: string, allowed: readonly T[], fallback: T): T => {
    const value = env[name]?.trim();
    if (value === undefined || value === '') return fallback;
    if (allowed.includes(value as T)) return value as T;
    problems.push(`${name} is "${value}"; set it to ${allowed.join(' or ')}.`);
    return fallback;
  };
  const host = env.NORTHSTAR_HOST?.trim() || '127.0.0.1';
  const auth = readAuth(env, oneOf('NORTHSTAR_AUTH', ['none', 'jwt'], 'none'), problems);
  if (auth.kind === 'none' && !isLoopback(host))
    problems.push(
      `NORTHSTAR_HOST is "${host}", which other machines can reach, and NORTHSTAR_AUTH is "none". ` +
        'Set NORTHSTAR_AUTH=jwt, or keep NORTHSTAR_HOST=127.0.0.1.',
    );
  const publicUrl = readPublicUrl(env.NORTHSTAR_PUBLIC_URL, problems);
  const controlStore = readEngine(env, 'NORTHSTAR_CONTROL_STORE', problems);
  const hints = readEngine(env, 'NORTHSTAR_HINTS', problems);
  const traces = readTraces(env, problems);
  if (hints && !controlStore)
    problems.push('NORTHSTAR_HINTS is set without NORTHSTAR_CONTROL_STORE; hints only serve hosts that share a store.');
  const retention = readRetention(env.NORTHSTAR_RETENTION, problems);
  const config: HostConfig = {
    enabledMuscles: list(env.ENABLED_MUSCLES),
    musclesMustLoad: list(env.MUSCLES_MUST_LOAD),
    ...(env.NORTHSTAR_CONFIG?.trim() && { configFile: resolve(cwd, env.NORTHSTAR_CONFIG.trim()) }),
    watch: oneOf('NORTHSTAR_WATCH', ['on', 'off'], 'off') === 'on',
    pluginDirs: (env.NORTHSTAR_PLUGINS || 'plugins')
      .split(delimiter)
      .filter((part) => part !== '')
      .map((part) => resolve(cwd, part)),
    workspaceDir: cwd,
    host,
    port: readPort(env.NORTHSTAR_PORT, problems),
    dataDir: resolve(cwd, env.NORTHSTAR_DATA_DIR || '.northstar'),
    auth,
    priceBook: dataFile(env.NORTHSTAR_PRICE_BOOK, { cwd, usual: 'registry-data/price-book.yaml' }),
    plans: dataFile(env.NORTHSTAR_PLANS, { cwd, usual: 'registry-data/plans.yaml' }),
    toolNames: oneOf('NORTHSTAR_TOOL_NAMES', ['underscore', 'dotted'], 'underscore'),
    errorStyle: oneOf('NORTHSTAR_ERROR_STYLE', ['jsonrpc', 'result'], 'jsonrpc'),
    listedTools: oneOf('NORTHSTAR_LISTED_TOOLS', ['all', 'callable'], 'all'),
    ...(publicUrl && { publicUrl: publicUrl.origin }),
    ...(controlStore && { controlStore }),
    ...(hints && { hints }),
    ...(traces && { traces }),
    ...(retention && { retention }),
    allowedHosts: [...list(env.NORTHSTAR_ALLOWED_HOSTS), ...(publicUrl ? [publicUrl.hostname] : [])].map((name) =>
      name.toLowerCase(),
    ),
    allowedOrigins: list(env.NORTHSTAR_ALLOWED_ORIGINS).map((origin) => origin.toLowerCase()),
    logLevel: oneOf('NORTHSTAR_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'warn'),
    stdio: {
      ...(env.NORTHSTAR_MODE && { mode: env.NORTHSTAR_MODE }),
      ...(env.NORTHSTAR_TENANT_ID && { tenantId: env.NORTHSTAR_TENANT_ID }),
      ...(env.NORTHSTAR_PROJECT_ID && { projectId: env.NORTHSTAR_PROJECT_ID }),
      ...(env.NORTHSTAR_USER_ID && { userId: env.NORTHSTAR_USER_ID }),
    },
    limits: DEFAULT_LIMITS,
    isolation: readIsolation(env, problems),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}

function list(value: string | undefined): string[] {
  const parts = (value ?? '').split(',').map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ''))];
}

function dataFile(value: string | undefined, { cwd, usual }: { cwd: string; usual: string }): DataFile {
  const named = value?.trim() ?? '';
  return { path: resolve(cwd, named || usual), required: named !== '' };
}

function readPort(value: string | undefined, problems: string[]): number {
  if (value === undefined || value.trim() === '') return 8787;
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  problems.push(`NORTHSTAR_PORT is "${value}"; set it to a number from 0 (any free port) to 65535.`);
  return 8787;
}

function readEngine(env: Environment, name: string, problems: string[]): EngineSetting | undefined {
  const value = env[name];
  if (value === undefined || value.trim() === '') return undefined;
  try {
    const { backend, config = {} } = JSON.parse(value) as { backend?: unknown; config?: unknown };
    if (typeof backend === 'string') return { backend, config };
  } catch {
    // Told below, together with the shape that was expected.
  }
  problems.push(`${name} is not of the form {"backend":"postgres","config":{"url":"postgres://…"}}.`);
  return undefined;
}

function readPublicUrl(value: string | undefined, problems: string[]): URL | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.username === '')
    return url;
  problems.push(
    `NORTHSTAR_PUBLIC_URL is "${value}"; set it to scheme and host only, such as https://gateway.example.com.`,
  );
  return undefined;
}

function readAuth(env: Environment, kind: 'none' | 'jwt', problems: string[]): AuthConfig {
  if (kind === 'none') return { kind };
  const needed = ['NORTHSTAR_JWKS_URL', 'NORTHSTAR_ISSUER', 'NORTHSTAR_AUDIENCE'] as const;
  const missing = needed.filter((name) => !env[name]);
  if (missing.length > 0) problems.push(`NORTHSTAR_AUTH is "jwt"; set ${missing.join(', ')} too.`);
  const jwksUrl = env.NORTHSTAR_JWKS_URL ?? '';
  if (jwksUrl !== '' && !(URL.canParse(jwksUrl) && /^https?:$/.test(new URL(jwksUrl).protocol)))
    problems.push(`NORTHSTAR_JWKS_URL is "${jwksUrl}", which is not an https URL.`);
  return { kind, jwksUrl, issuer: env.NORTHSTAR_ISSUER ?? '', audience: env.NORTHSTAR_AUDIENCE ?? '' };
}
