import { Client, ProtocolError, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { ClientSession, RealClient, Target } from '../client-session.ts';
import { linksOf, refusalFromError, refusalFromResult, textOf } from '../read-refusal.ts';

/** The client of the 2.x SDK line, as it comes: it opens with initialize. */
export const v2Legacy: RealClient = {
  name: 'SDK client 2.4.0, legacy',
  id: 'v2legacy',
  revision: '2025-11-25',
  open: (target) => open(target, 'legacy'),
};

/** The same client, asked to find out the newest revision by itself. */
export const v2Auto: RealClient = {
  name: 'SDK client 2.4.0, auto',
  id: 'v2auto',
  revision: '2026-07-28',
  open: (target) => open(target, 'auto'),
};

async function open(target: Target, mode: 'legacy' | 'auto'): Promise<ClientSession> {
  const client = new Client(
    { name: 'northstar-real-clients', version: '0.1.0' },
    { versionNegotiation: { mode }, capabilities: {} },
  );
  const transport = transportFor(target);
  await client.connect(transport);
  return {
    revision: client.getNegotiatedProtocolVersion() ?? 'unknown',
    toolNames: async () => (await client.listTools()).tools.map((tool) => tool.name),
    async call(name, args) {
      try {
        const result = await client.callTool({ name, arguments: args });
        if (result.isError) return refusalFromResult(result, 'result with isError');
        return { kind: 'answer', structured: result.structuredContent, links: linksOf(result.content) };
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return refusalFromError(error, `ProtocolError ${error.code}`);
      }
    },
    readText: async (uri) => textOf(await client.readResource({ uri })),
    async close() {
      if (transport instanceof StreamableHTTPClientTransport && mode === 'legacy') await transport.terminateSession();
      await client.close();
    },
  };
}

function transportFor(target: Target): Transport {
  if (target.transport === 'http')
    return new StreamableHTTPClientTransport(new URL(target.url), { requestInit: { headers: { ...target.headers } } });
  const { command, args, env } = target;
  return new StdioClientTransport({ command, args: [...args], env: { ...env }, stderr: 'ignore' });
}
