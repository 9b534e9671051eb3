import { expect, test } from 'vitest';
import { PLUGINS } from '../../test/acceptance/repository.ts';
import { createTestHost } from '../testing/index.ts';

test('[POL-08] policy for a name that no active muscle has is stored, with a warning', async () => {
  const host = await createTestHost({ plugins: [PLUGINS], muscles: ['echo'] });
  const put = async (path: string, body: object): Promise<{ warning?: string }> => {
    const headers = { ...host.headers, 'Content-Type': 'application/json' };
    return (await (
      await fetch(host.url + path, { method: 'PUT', headers, body: JSON.stringify(body) })
    ).json()) as object;
  };
  const bind = (tool_id: string, scope_name: string) =>
    put('/firearms/bindings', { tool_id, scope_name, license_types: ['x'] });
  expect((await bind('ecko', 'echo.ping')).warning).toContain('No active muscle is called ecko');
  expect((await bind('echo', 'echo.pong')).warning).toContain('No active muscle has echo.pong');
  expect((await bind('echo', 'echo_ping')).warning).toBeUndefined();
  expect((await bind('echo', '*')).warning).toBeUndefined();
  const engage = (target: string, id: string) =>
    put('/admin/kill-switch', { target, id, engaged: true, reason: 'test' });
  expect((await engage('muscle', 'ecko')).warning).toContain('ecko');
  expect((await engage('scope', 'echo.pong')).warning).toContain('echo.pong');
  expect((await engage('scope', 'echo_ping')).warning).toBeUndefined();
  await host.close();
});
