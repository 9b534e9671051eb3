import { z } from 'zod';

/** A name in policy: of a muscle, a scope or a licence. No `/`, which separates the parts of a store's keys. */
export const policyName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\s/\p{C}]+$/u, 'no spaces, slashes or control characters');
