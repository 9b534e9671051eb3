import { readFile } from 'node:fs/promises';
import type { MuscleContext } from '@northstar/sdk';
import { bindMuscle, parseSpec } from '@northstar/sdk/bind';
import { describe, expect, it } from 'vitest';
import * as impl from './impl.ts';

const ctx = { request: { tenantId: 't_acme' } } as MuscleContext;

describe('echo.ping', () => {
  it('sends the message back unchanged, markup and all', () => {
    const message = '<b>hi</b> \u0000 {{name}}';
    expect(impl.handlePing(ctx, { message }).message).toBe(message);
  });

  it('names the tenant of the request, and fits its own output model', () => {
    const pong = impl.handlePing(ctx, { message: 'hi' });
    expect(pong.tenant_id).toBe('t_acme');
    expect(impl.Pong.parse(pong)).toEqual(pong);
  });

  it('answers "pong" to a call without arguments', () => {
    expect(impl.PingInput.parse({})).toEqual({ message: 'pong' });
  });

  it('refuses a message that is too long or no text', () => {
    expect(impl.PingInput.safeParse({ message: 'x'.repeat(1001) }).success).toBe(false);
    expect(impl.PingInput.safeParse({ message: 7 }).success).toBe(false);
  });
});

describe('spec.yaml', () => {
  it('names exports of impl.ts only, and has no key that the host does not know', async () => {
    const file = new URL('spec.yaml', import.meta.url);
    const text = await readFile(file, 'utf8');
    const parsed = parseSpec({ text, file: 'spec.yaml', folderName: 'echo', strict: true });
    expect(parsed.diagnostics).toEqual([]);
    const bound = bindMuscle({ ...parsed, spec: parsed.spec!, file: 'spec.yaml', exports: impl, implFile: 'impl.ts' });
    expect(bound.diagnostics).toEqual([]);
    expect(bound.muscle?.scopes.map(({ spec }) => [spec.name, spec.effects])).toEqual([['echo.ping', 'read']]);
  });
});
