import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import type { RealClient, Target } from '../client-session.ts';
import { linksOf, refusalFromError, refusalFromResult, textOf } from '../read-refusal.ts';

/** The client of the 1.x SDK line, which most agents are built on. */
export const v1Sdk: RealClient = {
  name: 'SDK client 1.32.2',
  id: 'v1',
  revision: '2025-11-25',
  async open(target) {
    const client = new Client({ name: 'northstar-real-clients', version: '0.1.0' });
    const transport = transportFor(target);
    let revision = 'unknown';
    const told = transport.setProtocolVersion?.bind(transport);
    transport.setProtocolVersion = (version) => {
      revision = version;
      told?.(version);
    };
    await client.connect(transport);
    return {
      revision,
      toolNames: async () => (await client.listTools()).tools.map((tool) => tool.name),
      async call(name, args) {
        try {
          const result = await client.callTool({ name, arguments: args });
          const content = result.content as unknown[];
          if (result.isError) return refusalFromResult({ ...result, content }, 'result with isError');
          return { kind: 'answer', structured: result.structuredContent, links: linksOf(content) };
        } catch (error) {
          if (!(error instanceof McpError)) throw error;
          const { code, data } = error;
          // This client puts its own words in front of the server's.
          const message = error.message.replace(`MCP error ${code}: `, '');
          return refusalFromError({ code, message, data }, `McpError ${code}`);
        }
      },
      readText: async (uri) => textOf(await client.readResource({ uri })),
      async close() {
        if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
        await client.close();
      },
    };
  },
};

function transportFor(target: Target): Transport {
  if (target.transport === 'http')
    return new StreamableHTTPClientTransport(new URL(target.url), {
      requestInit: { headers: { ...target.headers } },
    });
  const { command, args, env } = target;
  return new StdioClientTransport({ command, args: [...args], env: { ...env }, stderr: 'ignore' });
}
