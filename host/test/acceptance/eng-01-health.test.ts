import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestHost, type TestHost } from '../../src/testing/index.ts';
import { VERSION } from '../../src/version.ts';
import { ROOT } from './repository.ts';

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

test('[ENG-01] the envelope has the shape that its published schema states', async () => {
  const schema = JSON.parse(
    readFileSync(join(ROOT, 'registry-data/schemas/error-envelope.schema.json'), 'utf8'),
  ) as object;
  const fits = new Ajv2020().compile(schema);
  for (const path of ['/health', '/nowhere', '/mcp']) {
    const response = await fetch(host.url + path, { headers: { 'X-Mode': 'invalid' } });
    expect(fits(await response.json()), `${path} ${JSON.stringify(fits.errors)}`).toBe(true);
  }
});
