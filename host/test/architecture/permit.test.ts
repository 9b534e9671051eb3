import { expect, test } from 'vitest';
import { GuardedScope, sealScope } from '../../src/policy/guarded-scope.ts';
import { mintPermit, Permit } from '../../src/policy/permit.ts';

const facts = {
  name: 'demo.write',
  toolId: 'demo',
  kind: 'tool' as const,
  effects: 'write' as const,
  timeoutMs: 1000,
  requires: [],
  parseInput: (value: unknown) => ({ ok: true as const, value }),
  promise: {},
};

test('[GUARD-01] a permit runs its own action once', async () => {
  let runs = 0;
  const scope = sealScope(facts, () => ++runs);
  const permit = mintPermit('demo.write');
  await scope.run(permit, {}, {});
  await expect(scope.run(permit, {}, {})).rejects.toThrow('used before');
  await expect(scope.run(mintPermit('demo.read'), {}, {})).rejects.toThrow('cannot run');
  expect(runs).toBe(1);
});

test('[GUARD-01] a forged permit runs nothing, even when the types are cast away', async () => {
  let runs = 0;
  const scope = sealScope(facts, () => ++runs);
  await expect(scope.run(Object.create(Permit.prototype) as Permit, {}, {})).rejects.toThrow();
  await expect(scope.run(null as unknown as Permit, {}, {})).rejects.toThrow();
  expect(runs).toBe(0);
});

test('[GUARD-01] a sealed scope is frozen and shows no handler', () => {
  const scope = sealScope(facts, () => 'ran');
  expect(Object.isFrozen(scope)).toBe(true);
  expect(Object.keys(scope)).toEqual(['facts', 'digest']);
  expect(Reflect.ownKeys(GuardedScope.prototype)).toEqual(['constructor', 'enter', 'run']);
  expect(JSON.stringify(scope)).not.toContain('ran');
});
