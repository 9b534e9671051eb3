import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openNats } from '../../stores/drivers/nats/open-nats.ts';
import { openPostgres } from '../../stores/drivers/postgres/open-postgres.ts';
import { openRedis } from '../../stores/drivers/redis/open-redis.ts';
import { checkRoute } from '../check-route.ts';
import { EnginePool } from '../engine-pool.ts';
import { redactRoute } from '../redact-route.ts';
import type { Route } from '../route.ts';
import { BACKENDS } from './index.ts';

const pool = new EnginePool(BACKENDS, '/nowhere');
const route = (backend: string, config: Route['config'], more: Partial<Route> = {}): Route => ({
  resource_kind: 'tabular_store',
  mode: 'saas',
  backend,
  config,
  ...more,
});
const why = (wrong: Route): string => {
  try {
    checkRoute(wrong, pool);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const objects = { resource_kind: 'object_store' } as const;
const spine = { resource_kind: 'event_spine' } as const;
const names = { backend: 'postgres', config: { url: 'postgres://app:hunter2@db/north' } };
const cosmos = (more: Route['config']): Route =>
  route('cosmos', { endpoint: 'https://a', key: 'k', database: 'd', container: 'c', ...more });
const s3 = (more: Route['config']): Route => route('s3', { region: 'x', bucket: 'acme', names, ...more }, objects);

test('[ROUTE-07] every driver has an engine of its own name, and the embedded two are filesystem', () => {
  const folders = readdirSync(join(import.meta.dirname, '../../stores/drivers'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => (name === 'files' || name === 'sqlite' ? 'filesystem' : name.replace('-', '_')));
  const listed = BACKENDS.map(({ name }) => name);
  expect([...listed].sort()).toEqual([...new Set(folders)].sort());
  expect(new Set(listed).size).toBe(listed.length);
  expect(BACKENDS.filter(({ sellable }) => !sellable).map(({ name }) => name)).toEqual(['filesystem']);
});

test.each([
  route('postgres', { url: 'postgres://u@db/x', schema: 'acme', pool: 5 }),
  route('redis', { url: 'rediss://cache:6380' }),
  route('nats', { url: 'nats://bus:4222', replicas: 3 }, { resource_kind: 'event_spine' }),
  route('dynamodb', { region: 'eu-west-1', table: 'northstar' }),
  route('firestore', { projectId: 'acme', emulatorHost: '127.0.0.1:8080' }),
  route('cosmos', { endpoint: 'https://a.documents.azure.com:443/', key: 'k', database: 'd', container: 'c' }),
  route('s3', { region: 'eu-west-1', bucket: 'acme', names }, objects),
  route('azure_blob', { connectionString: 'UseDevelopmentStorage=true', container: 'acme', names }, objects),
  route('azure_blob', { url: 'https://a.blob.core.windows.net?sig=x', container: 'acme', names }, objects),
])('[ROUTE-07] $backend serves a sellable mode with these settings: $config', (good) => {
  expect(why(good)).toBe('');
});

test.each([
  { wrong: route('postgres', { url: 'mysql://u:hunter2@db/x' }), says: 'url: expected a URL like postgres://' },
  { wrong: route('postgres', {}), says: 'url: expected' },
  { wrong: route('postgres', { url: 'postgres://db/x', pool: 0 }), says: 'pool: ' },
  { wrong: route('redis', { url: 'redis://c', password: 'hunter2' }), says: '"password"' },
  { wrong: route('nats', { url: 'nats://bus' }), says: 'nats keeps no records' },
  { wrong: route('nats', { url: 'bus' }, { resource_kind: 'event_spine' }), says: 'url: expected a URL like nats://' },
  { wrong: route('dynamodb', { region: 'x' }), says: 'table: ' },
  {
    wrong: route('postgres', { url: 'postgres://db/x', schema: 'Acme' }),
    says: 'schema: expected 1 to 63 of a-z 0-9 _',
  },
  { wrong: route('postgres', { url: 'postgres://db/x', schema: 'pg_acme' }), says: 'schema: expected' },
  { wrong: route('redis', { url: 'redis://c', prefix: 'my app' }), says: 'prefix: expected 1 to 64 of A-Z' },
  { wrong: route('nats', { url: 'nats://b', stream: 'a.b' }, spine), says: 'stream: expected 1 to 32 of A-Z' },
  { wrong: route('dynamodb', { region: 'x', table: 'a b' }), says: 'table: expected 3 to 255 of A-Z' },
  { wrong: route('dynamodb', { region: 'eu west', table: 'abc' }), says: 'region: expected' },
  { wrong: route('firestore', { projectId: 'p', root: '..' }), says: 'root: the name of one collection' },
  { wrong: route('firestore', { projectId: 'p', root: '__own__' }), says: 'root: the name of one collection' },
  { wrong: route('firestore', { projectId: 'p/q' }), says: 'projectId: expected' },
  { wrong: route('firestore', { projectId: 'p', database: 'A_B' }), says: 'database: expected (default)' },
  { wrong: cosmos({ database: 'a/b' }), says: 'database: expected 1 to 255' },
  { wrong: cosmos({ container: 'a ' }), says: 'container: expected 1 to 255' },
  { wrong: s3({ bucket: 'My Bucket' }), says: 'bucket: expected 3 to 255 of A-Z' },
  { wrong: s3({ prefix: 'x'.repeat(801) }), says: 'prefix: ' },
  {
    wrong: route('azure_blob', { url: 'https://a', container: 'A_B', names }, objects),
    says: 'container: expected 3 to 63 of a-z',
  },
  { wrong: route('firestore', { projectId: 'p', root: 'a/b' }), says: 'root: ' },
  { wrong: route('cosmos', { endpoint: 'https://a', database: 'd', container: 'c' }), says: 'key: ' },
  { wrong: route('s3', { region: 'x', bucket: 'b' }, objects), says: 'names: ' },
  { wrong: route('azure_blob', { container: 'c', names }, objects), says: 'expected connectionString or url' },
])('[ROUTE-03] wrong settings are refused with the setting: $says', ({ wrong, says }) => {
  expect(why(wrong)).toContain(says);
  expect(why(wrong)).not.toContain('hunter2');
});

/** Nothing listens there: a driver that takes the name fails to connect, one that does not throws before it tries. */
const nowhere = '127.0.0.1:1';
test.each([
  {
    setting: 'schema',
    of: 'postgres',
    open: (schema: string) => openPostgres({ url: `postgres://${nowhere}/x`, schema }),
  },
  { setting: 'prefix', of: 'redis', open: (prefix: string) => openRedis({ url: `redis://${nowhere}`, prefix }) },
  { setting: 'stream', of: 'nats', open: (stream: string) => openNats({ url: `nats://${nowhere}`, stream }) },
])(
  '[ROUTE-03] a route takes the $setting that the driver of $of takes, and no other',
  async ({ setting, of, open }) => {
    const url = `${of}://${nowhere}${of === 'postgres' ? '/x' : ''}`;
    for (const name of [
      'a',
      'a_1',
      'A',
      '1a',
      'a-b',
      'a.b',
      'a:b',
      'a b',
      'ä',
      '_',
      'a\n',
      'x'.repeat(33),
      'x'.repeat(65),
    ]) {
      const thrown = await open(name).catch((error: unknown) => error);
      const refused = why(route(of, { url, [setting]: name }, of === 'nats' ? spine : {})) !== '';
      expect({ name, refused }).toEqual({ name, refused: thrown instanceof RangeError });
    }
  },
);

test('[ROUTE-03] names of objects in an engine without records, or with wrong settings, are refused', () => {
  const named = (backend: string, config: Route['config']): string =>
    why(route('s3', { region: 'x', bucket: 'acme', names: { backend, config } }, objects));
  expect(named('nats', { url: 'nats://bus' })).toContain('nats keeps no records');
  expect(named('filesystem', {})).toContain('filesystem');
  expect(named('floppy', {})).toContain('floppy');
  expect(named('postgres', { url: 'x' })).toContain('url: expected');
});

test('[ROUTE-05] secrets of an engine, and of the engine for its names, are hidden', () => {
  const config = {
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'hunter2' },
    url: 'https://a.blob.core.windows.net/?sv=1&sig=hunter2',
    connectionString: 'AccountKey=hunter2',
    names: { backend: 'cosmos', config: { key: 'hunter2', url: 'postgres://u:hun@hunter2@db/x?password=hunter2' } },
  };
  for (const backend of BACKENDS.filter(({ ports }) => ports.includes('objects') && ports.length === 1)) {
    const shown = JSON.stringify(redactRoute(route(backend.name, config), backend));
    expect(shown).not.toContain('hunter2');
    expect(shown).toContain('AKIA');
  }
});
