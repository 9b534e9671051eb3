import { GateDeadline } from '../gate-time.ts';
import { expect, test } from 'vitest';
import type { RequestContext } from '../../identity/request-context.ts';
import type { PolicyQuestion } from '../gate.ts';
import { identityGate } from './identity.gate.ts';

const MEMBER: RequestContext = {
  requestId: 'req_1',
  mode: 'saas',
  tenantId: 't_a',
  projectId: 'p',
  actor: { type: 'user', id: 'u', roles: [] },
  issuer: 'https://issuer.example',
  tenants: ['t_a', 't_b'],
  expiresAt: Date.now() + 60_000,
  transport: 'http',
};

async function told(context: RequestContext): Promise<string> {
  const question = { context, action: 'demo.write' } as PolicyQuestion;
  const decision = await identityGate().decide(question, new GateDeadline());
  return decision.allow ? 'allow' : decision.code;
}

const without = (context: RequestContext, fact: keyof RequestContext): RequestContext => {
  const { [fact]: _gone, ...rest } = context;
  return rest as RequestContext;
};

test.each([
  { what: 'a member of the tenant', context: MEMBER, says: 'allow' },
  { what: 'a member of another tenant', context: { ...MEMBER, tenantId: 't_c' }, says: 'identity.not_a_member' },
  { what: 'no tenants at all', context: without(MEMBER, 'tenants'), says: 'identity.not_a_member' },
  {
    what: 'the system tenant without membership',
    context: { ...MEMBER, tenantId: 't_system' },
    says: 'identity.not_a_member',
  },
  { what: 'an expired token', context: { ...MEMBER, expiresAt: 1 }, says: 'identity.unauthenticated' },
  { what: 'an unreadable expiry', context: { ...MEMBER, expiresAt: NaN }, says: 'identity.unauthenticated' },
  { what: 'no expiry', context: without(MEMBER, 'expiresAt'), says: 'identity.unauthenticated' },
  { what: 'nobody vouching in lab', context: { ...MEMBER, mode: 'lab', issuer: 'none' }, says: 'allow' },
  { what: 'nobody vouching in saas', context: { ...MEMBER, issuer: 'none' }, says: 'identity.mode_not_allowed' },
] as const)('[POL-11] the identity gate says $says to $what', async ({ context, says }) => {
  expect(await told(context)).toBe(says);
});
