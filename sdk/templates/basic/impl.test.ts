import type { MuscleContext } from '@northstar/sdk';
import { expect, test } from 'vitest';
import { handleHello, HelloInput } from './impl.ts';

const ctx = { request: { tenantId: 't_acme' } } as MuscleContext;

test('greets in the language asked for', () => {
  expect(handleHello(ctx, { name: 'Ada', language: 'fr' })).toEqual({ greeting: 'Bonjour, Ada!', tenant_id: 't_acme' });
});

test('English is the default, and a nameless call is refused', () => {
  expect(HelloInput.parse({ name: 'Ada' }).language).toBe('en');
  expect(HelloInput.safeParse({ name: '' }).success).toBe(false);
});
