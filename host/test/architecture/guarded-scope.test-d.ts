import { GuardedScope, type GuardedFacts } from '../../src/policy/guarded-scope.ts';
import { Permit } from '../../src/policy/permit.ts';

/**
 * Negative type tests: each line below must fail to compile, or `tsc` reports the unused expectation. They prove that
 * no code outside the policy room can make a guarded scope or a permit, by any of the ways TypeScript offers.
 */
declare const facts: GuardedFacts;
declare const scope: GuardedScope;
declare const permit: Permit;

// @ts-expect-error the constructor is private
export const constructed = new GuardedScope(facts, () => 'ran');

// @ts-expect-error a look-alike lacks the #private handler
export const lookAlike: GuardedScope = { facts, digest: '', run: async () => 'ran' };

// @ts-expect-error spreading loses the #private handler
export const spread: GuardedScope = { ...scope };

// @ts-expect-error a class with a private constructor cannot be extended
export class Extended extends GuardedScope {}

// @ts-expect-error the raw handler is not reachable
export const raw = scope.handler;

// @ts-expect-error running needs a permit
export const unpermitted = scope.run({}, {});

// @ts-expect-error a permit cannot be constructed
export const forged = new Permit('media_v2.create_asset');

// @ts-expect-error a look-alike permit lacks the #private state
export const forgedLookAlike: Permit = { redeem: () => undefined };

// @ts-expect-error whether it was spent cannot be reset
permit.spent = false;
