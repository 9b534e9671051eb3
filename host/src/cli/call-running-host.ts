import type { HostConfig } from '../config/host-config.ts';
import { printData } from './print.ts';
import { bearerToken, CommandFailure } from './run-host.ts';

export interface HostRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

/** Calls a scope of a host that runs already, over HTTP, and prints the answer. */
export async function callRunningHost(
  url: string,
  call: { scope: string; args: unknown },
  identity: HostConfig['stdio'],
) {
  const request: HostRequest = { method: 'POST', path: `/tools/${encodeURIComponent(call.scope)}`, body: call.args };
  const response = await askRunningHost(url, request, identity);
  if (!isJson(response))
    throw new CommandFailure(`${call.scope} answers with bytes; use its http binding or an MCP client.`);
  const body = (await response.json()) as { error?: { message: string } };
  printData(JSON.stringify(body, null, 2));
  if (!response.ok) throw new CommandFailure(body.error?.message ?? `HTTP ${response.status}`);
}

/** Asks the control plane of a host that runs already. Fails with what the host answers, when that is an error. */
export async function askControlPlane<T>(url: string, request: HostRequest, identity: HostConfig['stdio']): Promise<T> {
  const response = await askRunningHost(url, request, identity);
  if (!isJson(response)) throw new CommandFailure(`${url} does not answer as a Northstar host does.`);
  const body = (await response.json()) as T & { error?: { message: string } };
  if (!response.ok) throw new CommandFailure(body.error?.message ?? `HTTP ${response.status}`);
  return body;
}

async function askRunningHost(url: string, request: HostRequest, identity: HostConfig['stdio']): Promise<Response> {
  const base = /^https?:\/\//.test(url) ? url : `http://${url}`;
  if (!URL.canParse(base)) throw new CommandFailure(`${url} is not a URL; name a host such as http://127.0.0.1:8787.`);
  // For a host that authenticates.
  const token = bearerToken();
  return fetch(new URL(request.path, base), {
    method: request.method,
    headers: {
      'content-type': 'application/json',
      'x-mode': identity.mode ?? 'lab',
      ...(token === undefined && { 'x-tenant-id': identity.tenantId ?? 't_lab' }),
      ...(token !== undefined && identity.tenantId && { 'x-tenant-id': identity.tenantId }),
      'x-project-id': identity.projectId ?? 'p_lab',
      ...(identity.userId && { 'x-user-id': identity.userId }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
  }).catch(() => {
    throw new CommandFailure(
      `No host answers at ${base}. Name a running one with --url, or set NORTHSTAR_PORT to its port.`,
    );
  });
}

function isJson(response: Response): boolean {
  return /^application\/json/.test(response.headers.get('content-type') ?? '');
}
