import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectNats } from './connect-nats.ts';

/** What the newest client said of itself. */
let said: Record<string, unknown>;
let server: Server;
let host: string;

beforeEach(async () => {
  // Greets as a NATS server that wants to know who asks, and lets everybody in.
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(
      'INFO {"server_id":"x","version":"2.10.0","headers":true,"max_payload":1048576,"auth_required":true}\r\n',
    );
    socket.on('data', (bytes) => {
      for (const line of bytes.toString().split('\r\n')) {
        if (line.startsWith('CONNECT ')) said = JSON.parse(line.slice(8)) as Record<string, unknown>;
        if (line === 'PING') socket.write('PONG\r\n');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
});

it.each([
  ['user:pass%2Fword@', { user: 'user', pass: 'pass/word' }],
  ['to%2Fken@', { auth_token: 'to/ken' }],
  ['', {}],
])('says who it is as the URL does: %s', async (credentials, expected) => {
  const connection = await connectNats(`nats://${credentials}${host}`, 3000);
  const { user, pass, auth_token } = said;
  await connection.close();
  // Without what is undefined: a token has no password beside it, not even an empty one.
  expect({ user, pass, auth_token }).toEqual(expected);
});
