import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { VERSION } from '../../src/version.ts';

let host: TestHost;
beforeAll(async () => {
  host = await createTestHost({ plugins: [], muscles: [] });
});
afterAll(() => host.close());

test('[ENG-01] GET /health answers 200 with the version, without any header', async () => {
  const response = await fetch(`${host.url}/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    status: 'ok',
    version: VERSION,
    muscles: { active: 0, stale: 0, failed: 0 },
  });
});

test.each(['/health', '/tools', '/mcp'])('[ENG-01] an invalid X-Mode gets the canonical 400 on %s', async (path) => {
  const response = await fetch(host.url + path, { headers: { 'X-Mode': 'invalid' } });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: {
      code: 'context.invalid_mode',
      message: expect.stringContaining('lab, saas or enterprise'),
      http_status: 400,
      details: {},
      request_id: expect.stringMatching(/^req_/),
      retryable: false,
    },
  });
});
