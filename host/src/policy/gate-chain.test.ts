import { expect, test } from 'vitest';
import { GateChain } from './gate-chain.ts';
import type { Claim, Gate, PolicyQuestion } from './gate.ts';
import type { HoldOutcome } from './hold.ts';
import type { PolicyRecord } from './policy-record.ts';

const QUESTION = { action: 'demo.write', toolId: 'demo', effects: 'write' } as PolicyQuestion;
const NO = { allow: false, code: 'kill_switch.engaged', message: 'no' } as const;
const record = (id: string, version: string, state?: true): PolicyRecord => ({
  kind: 'demo',
  id,
  version,
  value: {},
  ...(state && { state }),
});

/** A gate whose claim notes what became of what it took. */
function taking(name: string, ended: string[], claim?: Claim): Gate {
  const taken: Claim = async () => ({ end: async (outcome: HoldOutcome) => void ended.push(`${name} ${outcome}`) });
  return { name, decide: async () => ({ allow: true, claim: claim ?? taken }) };
}

async function claim(gates: readonly Gate[]) {
  const chain = new GateChain(gates, 30);
  const verdict = await chain.decide(QUESTION);
  if (!verdict.allowed) throw new Error('the chain denied before any claim');
  return chain.claim(QUESTION, verdict.claims);
}

test('[POL-09] deciding takes nothing, and a claim is made only after every gate allowed', async () => {
  let claims = 0;
  const first = taking('first', [], async () => {
    claims++;
    return { end: async () => undefined };
  });
  const verdict = await new GateChain([first, { name: 'second', decide: async () => NO }]).decide(QUESTION);
  expect({ allowed: verdict.allowed, claims }).toEqual({ allowed: false, claims: 0 });
});

const FAILING: Record<string, Claim> = {
  denies: async () => NO,
  throws: async () => Promise.reject(new Error('down')),
  'throws at once': () => {
    throw new Error('down');
  },
  'never answers': () => new Promise(() => undefined),
  'answers nothing': async () => undefined as never,
};

test.each(Object.keys(FAILING))('[POL-09] a claim that %s denies, and what others took goes back', async (how) => {
  const ended: string[] = [];
  const answer = await claim([taking('first', ended), taking('second', [], FAILING[how]), taking('third', ended)]);
  expect(answer).toMatchObject({
    gate: 'second',
    deny: { allow: false, code: how === 'denies' ? 'kill_switch.engaged' : 'policy.unavailable' },
  });
  expect(ended).toEqual(['first not_run']);
});

test('[POL-09] what a claim took after its time is given back at once', async () => {
  let release!: (outcome: string) => void;
  const released = new Promise<string>((resolve) => {
    release = resolve;
  });
  const slow: Claim = async ({ signal }) => {
    await new Promise<void>((abort) => signal.addEventListener('abort', () => abort(), { once: true }));
    return { end: async (outcome) => release(outcome) };
  };
  expect(await claim([taking('slow', [], slow)])).toMatchObject({ deny: { code: 'policy.unavailable' } });
  expect(await released).toBe('not_run');
});

test('[POL-09] what was taken ends once, together', async () => {
  const ended: string[] = [];
  const hold = await claim([taking('a', ended), taking('b', ended)]);
  if (!('end' in hold)) throw new Error('denied');
  await hold.end('succeeded');
  await hold.end('failed');
  expect(ended).toEqual(['a succeeded', 'b succeeded']);
});

test('[POL-09] a denial that cannot write what it starts asks the caller to try again', async () => {
  const chain = new GateChain([
    { name: 'lock', decide: async () => ({ ...NO, open: async () => Promise.reject(new Error('down')) }) },
  ]);
  const verdict = await chain.decide(QUESTION);
  if (verdict.allowed) throw new Error('allowed');
  expect(await chain.open(QUESTION, verdict.denial)).toMatchObject({ deny: { code: 'policy.unavailable' } });
});

test('[POL-10] the verdict names every gate, the records it read, and those that were not asked', async () => {
  const verdict = await new GateChain([
    { name: 'a', decide: async () => ({ allow: true, records: [record('x', '1')] }) },
    { name: 'b', decide: async () => NO },
    { name: 'c', decide: async () => ({ allow: true }) },
  ]).decide(QUESTION);
  expect(verdict.gates).toEqual([
    { gate: 'a', verdict: 'allow', records: [record('x', '1')] },
    { gate: 'b', verdict: 'deny', code: 'kill_switch.engaged', records: [] },
    { gate: 'c', verdict: 'not_reached', records: [] },
  ]);
});

test('[POL-10] the policy version follows the policy that was read, and not what calls change', async () => {
  const versionOf = async (...records: PolicyRecord[]): Promise<string> =>
    (await new GateChain([{ name: 'a', decide: async () => ({ allow: true, records }) }]).decide(QUESTION))
      .policyVersion;
  const plain = await versionOf(record('x', '1'), record('y', '1'));
  expect(await versionOf(record('y', '1'), record('x', '1'))).toBe(plain);
  expect(await versionOf(record('x', '1'), record('y', '1'), record('usage', '7', true))).toBe(plain);
  expect(await versionOf(record('x', '2'), record('y', '1'))).not.toBe(plain);
  expect(await versionOf(record('x', '1'))).not.toBe(plain);
});
