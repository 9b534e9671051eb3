import { afterAll, beforeAll, expect, test } from 'vitest';
import { tempFolder, type TempFolder } from '../stores/contract/temp-folder.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../stores/open-embedded-stores.ts';
import { BACKENDS } from './backends/index.ts';
import { EnginePool } from './engine-pool.ts';
import { routedStores } from './routed-stores.ts';
import type { Route } from './route.ts';
import { Router } from './router.ts';

let folder: TempFolder;
let embedded: EmbeddedStores;
beforeAll(async () => {
  folder = await tempFolder();
  embedded = await openEmbeddedStores(folder.path);
});
afterAll(async () => {
  await embedded.close();
  await folder.remove();
});

const pool = new EnginePool(BACKENDS, '/nowhere');
/** What the audit chain calls the engine that keeps it, under this one route. */
function nameUnder(backend: string, config: Route['config']): string {
  const routes: Route[] = [{ resource_kind: 'event_spine', mode: 'saas', backend, config }];
  const router = new Router({ pool, routes: () => routes, embedded });
  return routedStores({ router, pool, embedded }).engineOf({ tenantId: 't_acme', stream: 'audit/saas', mode: 'saas' });
}

test('[ROUTE-08] an engine keeps its name when its password changes, so that the audit chain has not moved', () => {
  const postgres = (password: string, schema: string): string =>
    nameUnder('postgres', { url: `postgres://app:${password}@db/x`, schema });
  expect(postgres('new', 'north')).toBe(postgres('old', 'north'));
  expect(postgres('old', 'south')).not.toBe(postgres('old', 'north'));
  const cosmos = (key: string, container: string): string =>
    nameUnder('cosmos', { endpoint: 'https://a', key, database: 'd', container });
  expect(cosmos('new', 'c')).toBe(cosmos('old', 'c'));
  expect(cosmos('old', 'e')).not.toBe(cosmos('old', 'c'));
  const dynamo = (accessKeyId: string, table: string): string =>
    nameUnder('dynamodb', { region: 'x', table, credentials: { accessKeyId, secretAccessKey: accessKeyId } });
  expect(dynamo('new', 'north')).toBe(dynamo('old', 'north'));
  expect(dynamo('old', 'south')).not.toBe(dynamo('old', 'north'));
  expect(nameUnder('filesystem', {})).toBe('embedded');
});
