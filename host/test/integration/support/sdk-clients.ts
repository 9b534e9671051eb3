import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { Client as ClassicClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as ClassicHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';

export interface ListedTool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: { description?: string; [keyword: string]: unknown };
  outputSchema?: object;
  annotations?: object;
  _meta?: Record<string, unknown>;
}

export interface ToolAnswer {
  content: { type: string; text?: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
}

export interface CallOptions {
  signal?: AbortSignal;
  timeout?: number;
  onprogress?: (progress: { progress: number; total?: number; message?: string }) => void;
}

/** What the tests use of a client; both SDK lines fit, whatever they negotiate. */
export interface SdkClient {
  listTools(): Promise<{ tools: ListedTool[]; nextCursor?: string }>;
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<ToolAnswer>;
  listResources(): Promise<{ resources: { uri: string }[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string }[] }>;
  readResource(params: { uri: string }): Promise<{ contents: { uri: string; text?: string }[] }>;
  listPrompts(): Promise<{ prompts: { name: string; arguments?: { name: string }[] }[] }>;
  getPrompt(params: { name: string; arguments: Record<string, string> }): Promise<{ messages: { content: unknown }[] }>;
  complete(params: object): Promise<{ completion: { values: string[]; total?: number; hasMore?: boolean } }>;
  getServerVersion(): { name: string } | undefined;
  getInstructions(): string | undefined;
  close(): Promise<void>;
}

export interface Heard {
  toolsChanged: number;
}

const INFO = { name: 'integration', version: '1.0.0' };

/** A 1.x client: protocol 2025-11-25, with a session. */
export async function classic(url: string, headers: Record<string, string>, heard?: Heard): Promise<SdkClient> {
  const client = new ClassicClient(INFO);
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    if (heard) heard.toolsChanged++;
  });
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, () => undefined);
  await client.connect(new ClassicHttp(new URL(url), { requestInit: { headers } }));
  const call: SdkClient['call'] = (name, args = {}, options) =>
    client.callTool({ name, arguments: args }, undefined, options) as Promise<ToolAnswer>;
  return Object.assign(client, { call }) as unknown as SdkClient;
}

function modernClient(mode: 'auto' | 'legacy') {
  return async (url: string, headers: Record<string, string>, heard?: Heard): Promise<SdkClient> => {
    const client = new ModernClient(INFO, {
      versionNegotiation: { mode },
      ...(heard && {
        listChanged: {
          tools: {
            autoRefresh: false,
            debounceMs: 0,
            onChanged: () => {
              heard.toolsChanged++;
            },
          },
        },
      }),
    });
    await client.connect(new ModernHttp(new URL(url), { requestInit: { headers } }));
    const call: SdkClient['call'] = (name, args = {}, options) =>
      client.callTool({ name, arguments: args }, options as never) as Promise<ToolAnswer>;
    return Object.assign(client, { call }) as unknown as SdkClient;
  };
}

export const CLIENTS = [
  { client: 'v1', connect: classic },
  { client: 'v2 legacy', connect: modernClient('legacy') },
  { client: 'v2 auto', connect: modernClient('auto') },
];
