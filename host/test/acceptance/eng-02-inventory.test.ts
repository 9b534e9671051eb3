import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { modernHttp } from './mcp-clients.ts';
import { PLUGINS } from './repository.ts';

let host: TestHost;
beforeAll(async () => {
  host = await createTestHost({ plugins: [PLUGINS], muscles: ['echo', 'media_v2'] });
});
afterAll(() => host.close());

interface Scope {
  name: string;
  description: string;
  inputSchema: { type: string; description: string; properties: Record<string, unknown> };
  effects: string;
  wire_name: string;
}

async function inventory(): Promise<{ tool_id: string; state: string; scopes: Scope[] }[]> {
  return (await fetch(`${host.url}/tools`, { headers: host.headers })).json() as never;
}

test('[ENG-02] a multi-scope muscle converts to tool_id, scopes and an input schema for each', async () => {
  const media = (await inventory()).find((entry) => entry.tool_id === 'media_v2');
  expect(media?.state).toBe('active');
  const names = media?.scopes.map((scope) => scope.name);
  expect(names).toEqual(
    expect.arrayContaining(['media_v2.create_asset', 'media_v2.get_asset', 'media_v2.list_assets']),
  );
  for (const scope of media?.scopes ?? []) {
    expect(scope.inputSchema.type).toBe('object');
    expect(Object.keys(scope.inputSchema.properties).length).toBeGreaterThan(0);
  }
});

test('[ENG-02] tools/list shows the same scopes as the inventory, under their wire names', async () => {
  const client = await modernHttp(`${host.url}/mcp`, host.headers);
  const listed = (await client.listTools()).tools.map((tool) => tool.name).sort();
  const wireNames = (await inventory()).flatMap((entry) => entry.scopes.map((scope) => scope.wire_name)).sort();
  expect(listed).toEqual(wireNames);
  await client.close();
});

test('[ENG-02] every input schema names the identity headers and the budget metadata that a client must send', async () => {
  const schemas = (await inventory()).flatMap((entry) => entry.scopes.map((scope) => scope.inputSchema));
  const headers = ['X-Mode', 'X-Tenant-Id', 'X-Project-Id', 'X-Request-Id', 'X-Run-Id', 'X-Step-Id', 'budget'];
  for (const schema of schemas) for (const header of headers) expect(schema.description).toContain(header);
});
