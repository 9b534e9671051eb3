import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sendBinary } from './send-binary.ts';

const CHUNK = Buffer.alloc(1 << 20);
const CHUNKS = 24;

test('[HTTP-02] however often a slow reader makes it wait, an answer keeps no listener for each time', async () => {
  let listeners = 0;
  const server = createServer((req, res) => {
    async function* content() {
      for (let sent = 0; sent < CHUNKS; sent++) {
        listeners = Math.max(listeners, res.listenerCount('close'), res.listenerCount('error'));
        yield CHUNK;
      }
    }
    const size = CHUNK.byteLength * CHUNKS;
    void sendBinary(req, res, { mediaType: 'application/octet-stream', size, open: async () => content() } as never);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const res = await new Promise<IncomingMessage>((resolve) => get({ port, host: '127.0.0.1' }, resolve));
  let received = 0;
  for await (const chunk of res) {
    received += (chunk as Buffer).byteLength;
    await wait(1);
  }
  server.close();
  expect(received).toBe(CHUNK.byteLength * CHUNKS);
  expect(listeners).toBeLessThan(5);
});
