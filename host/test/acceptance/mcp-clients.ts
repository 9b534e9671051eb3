import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as ClassicClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as ClassicStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as ClassicHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

/** The part of an MCP client that the tests use; both SDK lines fit. */
export interface TestClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** What a refused call rejects with, in either SDK line. */
export interface RefusedCall extends Error {
  code: number;
  data: { error: { code: string; http_status: number; details: Record<string, unknown> } };
}

export interface Stdio {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

const INFO = { name: 'acceptance', version: '1.0.0' };

/** A 1.x client, as most deployed clients are built on: protocol 2025-11-25, with a session. */
export async function classicHttp(url: string, headers: Record<string, string>): Promise<TestClient> {
  const client = new ClassicClient(INFO);
  await client.connect(new ClassicHttp(new URL(url), { requestInit: { headers } }));
  return client as unknown as TestClient;
}

/** A 2.x client that negotiates protocol 2026-07-28. */
export async function modernHttp(url: string, headers: Record<string, string>): Promise<TestClient> {
  const client = new ModernClient(INFO, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new ModernHttp(new URL(url), { requestInit: { headers } }));
  return client as unknown as TestClient;
}

/** Counts what a client was told, for tests that want to know. */
export interface Heard {
  toolsChanged: number;
}

export async function classicStdio(server: Stdio, heard?: Heard): Promise<TestClient> {
  const client = new ClassicClient(INFO);
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    if (heard) heard.toolsChanged++;
  });
  await client.connect(new ClassicStdio({ ...server, stderr: 'ignore' }));
  return client as unknown as TestClient;
}

export async function modernStdio(server: Stdio, heard?: Heard): Promise<TestClient> {
  const onChanged = (): void => {
    if (heard) heard.toolsChanged++;
  };
  const client = new ModernClient(INFO, {
    versionNegotiation: { mode: 'auto' },
    ...(heard && { listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged } } }),
  });
  await client.connect(new ModernStdio({ ...server, stderr: 'ignore' }));
  return client as unknown as TestClient;
}
