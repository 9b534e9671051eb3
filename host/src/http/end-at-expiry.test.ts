import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endAtExpiry } from './end-at-expiry.ts';

/** Streams for ever; the query says in how many milliseconds the token runs out, or nothing. */
const server = createServer((req, res) => {
  const ms = new URL(req.url ?? '/', 'http://localhost').searchParams.get('ms');
  res.writeHead(200).write('open');
  endAtExpiry(res, ms === null ? undefined : Date.now() + Number(ms));
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function streamEnds(query: string): Promise<'ended' | 'open'> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve) => {
    const client = request({ port, path: `/${query}` }, (res) => {
      res.on('error', () => undefined).on('close', () => resolve('ended'));
      res.resume();
      setTimeout(() => {
        resolve('open');
        client.destroy();
      }, 1000);
    });
    client.on('error', () => undefined).end();
  });
}

test('[ID-06] a stream ends when the token that opened it runs out, and not before', async () => {
  expect(await streamEnds('?ms=50')).toBe('ended');
  expect(await streamEnds('?ms=600000')).toBe('open');
  expect(await streamEnds('?ms=90000000000')).toBe('open');
  expect(await streamEnds('')).toBe('open');
});
