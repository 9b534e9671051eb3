import { Writable } from 'node:stream';
import type { Readable } from 'node:stream';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { errorFields, type Logger } from '../log/logger.ts';
import type { RequestContext } from '../identity/request-context.ts';
import type { Caller, View } from './caller.ts';
import type { ChangeNotifier } from './change-notifier.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { createMcpServer } from './mcp-server.ts';

export interface StdioGatewayParts extends GatewayParts {
  /** The identity of the process, under a new request id for every call. */
  readonly newContext: () => RequestContext;
  readonly view: View;
  readonly notifier: ChangeNotifier;
  readonly logger: Logger;
  readonly stdin: Readable;
  readonly stdout: Writable;
}

/** Serves MCP over a pair of streams, either era: the client's opening message decides. Resolves when it ends. */
export async function serveMcpOverStdio(parts: StdioGatewayParts): Promise<void> {
  const { tenantId } = parts.newContext();
  // The SDK adds a drain listener per blocked write; without this a large list floods stderr with warnings.
  parts.stdout.setMaxListeners(0);
  const transport = new StdioServerTransport(parts.stdin, parts.stdout);
  const ended = new Promise<void>((resolve) => parts.stdin.once('close', resolve).once('end', resolve));
  const handle = serveStdio(
    () => {
      const callers = new WeakMap<object, Caller>();
      const host = createMcpServer(parts, (ctx) => {
        const caller = callers.get(ctx) ?? { context: parts.newContext(), view: parts.view };
        callers.set(ctx, caller);
        return caller;
      });
      const remove = parts.notifier.addStdio(host, tenantId);
      const { server } = host.mcp;
      const closed = server.onclose;
      server.onclose = () => {
        remove();
        closed?.();
      };
      return host.mcp;
    },
    { transport, onerror: (error) => parts.logger.log('warn', 'stdio message refused', errorFields(error)) },
  );
  await ended;
  await handle.close();
}

/**
 * Keeps stdout for the protocol: gives the transport the real stream, and sends everything else that is written to
 * `process.stdout`, console.log in a muscle included, to stderr. A native write to file descriptor 1 gets through.
 */
export function reserveStdout(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream): Writable {
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, encoding, done) {
      write(chunk, encoding as BufferEncoding, done);
    },
  });
}
