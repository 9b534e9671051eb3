import { describeMuscle, runScope } from '@northstar/sdk/testing';
import { expect, test } from 'vitest';

// Every scope: its examples, wrong arguments, a refusal by GateChain, time-out and abort.
describeMuscle(import.meta.dirname);

test('greets in English unless asked otherwise, and says for which tenant', async () => {
  const caller = { request: { tenantId: 't_acme' } };
  const { structured } = await runScope(import.meta.dirname, 'my_muscle.hello', { name: 'Ada' }, caller);
  expect(structured).toEqual({ greeting: 'Hello, Ada!', tenant_id: 't_acme' });
});
