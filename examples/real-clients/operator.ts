import assert from 'node:assert/strict';
import { IDENTITY } from './host-process.ts';

export const LICENCE = 'firearm.media.write';
export const CONNECTION = 'real-clients';

/** What an operator does over HTTP while the clients run. */
export class Operator {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Closes media_v2.create_asset to everyone without the licence. */
  async bindFirearm(): Promise<void> {
    await this.#send('PUT', '/firearms/bindings', 200, {
      tool_id: 'media_v2',
      scope_name: 'media_v2.create_asset',
      license_types: [LICENCE],
    });
  }

  async grantFirearm(userId: string): Promise<void> {
    const grant = { license_type: LICENCE, subject_type: 'user', subject_id: userId };
    await this.#send('POST', '/firearms/grants', 201, grant);
  }

  /** Makes a connection for clients without headers that want refusals as results; answers its path. */
  async makeConnection(): Promise<string> {
    const body = await this.#send('PUT', '/admin/connections', 200, {
      connection_id: CONNECTION,
      mode: IDENTITY['x-mode'],
      tenant_id: IDENTITY['x-tenant-id'],
      project_id: IDENTITY['x-project-id'],
      error_style: 'result',
    });
    return (body as { mcp_path: string }).mcp_path;
  }

  /** Whether the host still serves: health, and a call through the whole pipeline. */
  async checkServing(): Promise<void> {
    const health = (await this.#send('GET', '/health', 200)) as { status: string };
    assert.equal(health.status, 'ok');
    const pong = (await this.#send('POST', '/tools/echo.ping', 200, { message: 'still there' })) as { message: string };
    assert.equal(pong.message, 'still there');
  }

  async #send(method: string, path: string, expected: number, body?: object): Promise<unknown> {
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: { ...IDENTITY, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.equal(response.status, expected, `${method} ${path}: ${text}`);
    return JSON.parse(text);
  }
}
