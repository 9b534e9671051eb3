/**
 * The yardstick: the MCP SDK as its documentation shows it, with one tool and nothing around it. `/mcp` serves
 * 2026-07-28 requests, `/session` 2025-11-25 sessions.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { SDK_TOOL } from './generate-muscles.ts';

const inputSchema = z.object({
  text: z.string().max(1000).describe('Text to send back.'),
  times: z.number().int().min(1).max(10).describe('How often.'),
  mode: z.enum(['plain', 'upper', 'lower']).optional().describe('Case of the answer.'),
});
const outputSchema = z.object({ text: z.string(), times: z.number().int(), mode: z.string() });

function makeServer(): McpServer {
  const server = new McpServer({ name: 'bare', version: '1.0.0' });
  server.registerTool(SDK_TOOL, { description: 'Sends the text back.', inputSchema, outputSchema }, (args) => {
    const structuredContent = { text: args.text, times: args.times, mode: args.mode ?? 'plain' };
    return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
  });
  return server;
}

const modern = toNodeHandler(createMcpHandler(makeServer));
const sessions = new Map<string, NodeStreamableHTTPServerTransport>();

const server = createServer((req, res) => {
  if (req.url !== '/session') return void modern(req, res);
  const id = req.headers['mcp-session-id'];
  const known = typeof id === 'string' ? sessions.get(id) : undefined;
  if (known) return void known.handleRequest(req, res);
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (sessionId) => void sessions.set(sessionId, transport),
  });
  void makeServer()
    .connect(transport)
    .then(() => transport.handleRequest(req, res));
});
server.listen(0, '127.0.0.1', () => {
  process.stderr.write(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
