import { z } from 'zod';
import { UsdAmount } from '../../policy/budget/usd.ts';
import { WINDOWS } from '../../policy/counter/window.ts';
import { contextId, policyName } from './policy-name.ts';

const target = {
  surface: contextId.optional(),
  app: contextId.optional(),
  mode: z.enum(['lab', 'saas', 'enterprise']).optional(),
  tool_id: policyName.optional(),
  window: z.enum(WINDOWS),
};
export const BudgetPolicyTarget = z.strictObject(target);
export const BudgetPolicyBody = z.strictObject({
  ...target,
  threshold: UsdAmount,
  currency: z.literal('USD').default('USD'),
});
