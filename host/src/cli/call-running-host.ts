import type { HostConfig } from '../config/host-config.ts';
import { printData } from './print.ts';
import { CommandFailure } from './run-host.ts';

export interface RunningHost {
  readonly url: string;
  /** Bearer token, for a host that authenticates. */
  readonly token?: string | undefined;
}

/** Calls a scope of a host that runs already, over HTTP, and prints the answer. */
export async function callRunningHost(
  host: RunningHost,
  call: { scope: string; args: unknown },
  identity: HostConfig['stdio'],
): Promise<void> {
  const base = /^https?:\/\//.test(host.url) ? host.url : `http://${host.url}`;
  if (!URL.canParse(base))
    throw new CommandFailure(`${host.url} is not a URL; name a host such as http://127.0.0.1:8787.`);
  const response = await fetch(new URL(`/tools/${encodeURIComponent(call.scope)}`, base), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-mode': identity.mode ?? 'lab',
      ...(host.token === undefined && { 'x-tenant-id': identity.tenantId ?? 't_lab' }),
      ...(host.token !== undefined && identity.tenantId && { 'x-tenant-id': identity.tenantId }),
      'x-project-id': identity.projectId ?? 'p_lab',
      ...(identity.userId && { 'x-user-id': identity.userId }),
      ...(host.token !== undefined && { authorization: `Bearer ${host.token}` }),
    },
    body: JSON.stringify(call.args),
  }).catch(() => {
    throw new CommandFailure(
      `No host answers at ${base}. Name a running one with --url, or set NORTHSTAR_PORT to its port.`,
    );
  });
  if (!/^application\/json/.test(response.headers.get('content-type') ?? ''))
    throw new CommandFailure(`${call.scope} answers with bytes; use its http binding or an MCP client.`);
  const body = (await response.json()) as { error?: { message: string } };
  printData(JSON.stringify(body, null, 2));
  if (!response.ok) throw new CommandFailure(body.error?.message ?? `HTTP ${response.status}`);
}
