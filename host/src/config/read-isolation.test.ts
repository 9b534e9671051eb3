import { expect, test } from 'vitest';
import { readIsolation, stricter } from './read-isolation.ts';

function read(env: Record<string, string>) {
  const problems: string[] = [];
  return { isolation: readIsolation(env, problems), problems };
}

test('[ISO-07] the isolation that protects more wins, whichever side asks for it', () => {
  expect(stricter('inline', 'worker')).toBe('worker');
  expect(stricter('process', 'worker')).toBe('process');
  expect(stricter('inline', 'inline')).toBe('inline');
});

test('[ISO-07] the operator names a least isolation for all muscles and for single ones', () => {
  const { isolation, problems } = read({ NORTHSTAR_ISOLATION: 'worker, media_v2=process' });
  expect(problems).toEqual([]);
  expect(isolation).toMatchObject({ least: 'worker', byMuscle: { media_v2: 'process' }, groups: true, heapMb: 128 });
});

test.each([
  [{ NORTHSTAR_ISOLATION: 'thread' }, 'NORTHSTAR_ISOLATION has "thread"'],
  [{ NORTHSTAR_ISOLATION: 'media_v2=thread' }, 'media_v2=thread'],
  [{ NORTHSTAR_ISOLATION_GROUPS: 'some' }, 'NORTHSTAR_ISOLATION_GROUPS'],
  [{ NORTHSTAR_ISOLATION_HEAP_MB: '1' }, 'NORTHSTAR_ISOLATION_HEAP_MB'],
  [{ NORTHSTAR_ISOLATION_ENV: 'northstar_token' }, 'northstar_token'],
])('[ISO-07] %j is told with the fix', (env, told) => {
  expect(read(env as Record<string, string>).problems).toEqual([expect.stringContaining(told)]);
});

test('[ISO-02] an isolate gets the variables that are named and a few harmless ones, and no others', () => {
  const env = {
    TZ: 'UTC',
    HOME: '/root',
    PROXY: 'p',
    NORTHSTAR_TOKEN: 'secret',
    NORTHSTAR_ISOLATION_ENV: 'PROXY,GONE',
  };
  expect(read(env).isolation.env).toEqual({ TZ: 'UTC', PROXY: 'p' });
});
