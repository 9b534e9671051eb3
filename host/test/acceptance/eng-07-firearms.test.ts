import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { classicHttp, modernHttp, type RefusedCall, type TestClient } from './mcp-clients.ts';
import { PLUGINS } from './repository.ts';

/** One way to call a scope: resolves with the facts, or rejects with what a caller of that kind sees. */
interface Way {
  call(scope: string, args: Record<string, unknown>): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const WRITE = { name: 'note.txt', text: 'first note' };
const ways: { name: string; open: (host: TestHost) => Promise<Way> }[] = [
  { name: 'MCP 2026-07-28', open: (host) => overMcp(modernHttp(`${host.url}/mcp`, host.headers)) },
  { name: 'MCP 2025-11-25', open: (host) => overMcp(classicHttp(`${host.url}/mcp`, host.headers)) },
  { name: 'POST /tools/{scope}', open: async (host) => overHttp(host, (scope, args) => [`/tools/${scope}`, args]) },
  {
    name: 'POST /actions/execute',
    open: async (host) => overHttp(host, (action, args) => ['/actions/execute', { action, arguments: args }]),
  },
];

describe.each(ways)('[ENG-03] [ENG-07] over $name', ({ open }) => {
  let host: TestHost;
  let way: Way;
  beforeEach(async () => {
    host = await createTestHost({ plugins: [PLUGINS], muscles: ['echo', 'media_v2'] });
    way = await open(host);
  });
  afterEach(async () => {
    await way.close();
    await host.close();
  });

  test('echo.ping and media_v2.create_asset work while nothing is bound', async () => {
    expect(await way.call('echo.ping', { message: 'hello' })).toMatchObject({ message: 'hello' });
    expect(await way.call('media_v2.create_asset', WRITE)).toMatchObject({ name: 'note.txt', size: 10 });
  });

  test('a bound write is refused without the firearm, an unbound read is not, and a grant opens both', async () => {
    await control(host, 'PUT', '/firearms/bindings', {
      tool_id: 'media_v2',
      scope_name: 'media_v2.create_asset',
      license_types: ['firearm.media.write'],
    });
    const refused = await way.call('media_v2.create_asset', WRITE).catch((error: unknown) => error as RefusedCall);
    expect(refused).toMatchObject({
      code: 403,
      data: {
        error: {
          code: 'firearms.missing_grant',
          http_status: 403,
          gate: 'firearms',
          details: {
            required_license_types: ['firearm.media.write'],
            action_name: 'media_v2.create_asset',
            subject_type: 'user',
            subject_id: 'u_lab',
          },
        },
      },
    });
    // The message alone has to tell a model the code, the scope, what is missing and what to do.
    for (const fact of [
      'firearms.missing_grant',
      'media_v2.create_asset',
      'firearm.media.write',
      'u_lab',
      'POST /firearms/grants',
    ])
      expect((refused as RefusedCall).message).toContain(fact);
    expect(await way.call('media_v2.list_assets', {})).toMatchObject({ assets: [] });

    await control(host, 'POST', '/firearms/grants', {
      license_type: 'firearm.media.write',
      subject_type: 'user',
      subject_id: 'u_lab',
    });
    const asset = await way.call('media_v2.create_asset', WRITE);
    expect(await way.call('media_v2.list_assets', {})).toMatchObject({ assets: [{ asset_id: asset.asset_id }] });
  });
});

async function overMcp(opening: Promise<TestClient>): Promise<Way> {
  const client = await opening;
  return {
    call: async (scope, args) =>
      (await client.callTool({ name: scope, arguments: args })).structuredContent as Record<string, unknown>,
    close: () => client.close(),
  };
}

function overHttp(host: TestHost, request: (scope: string, args: object) => [path: string, body: object]): Way {
  return {
    call: async (scope, args) => {
      const [path, body] = request(scope, args);
      const response = await fetch(host.url + path, {
        method: 'POST',
        headers: jsonHeaders(host),
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as RefusedCall['data'] & Record<string, unknown>;
      if (!response.ok)
        throw Object.assign(new Error(answer.error.code && (answer.error as unknown as Error).message), {
          code: response.status,
          data: answer,
        });
      return answer;
    },
    close: async () => undefined,
  };
}

async function control(host: TestHost, method: string, path: string, body: object): Promise<void> {
  const response = await fetch(host.url + path, { method, headers: jsonHeaders(host), body: JSON.stringify(body) });
  expect(response.ok).toBe(true);
}

function jsonHeaders(host: TestHost): Record<string, string> {
  return { ...host.headers, 'Content-Type': 'application/json' };
}
