import { z } from 'zod';
import { ID_PATTERN } from '../../identity/identity-fields.ts';

/** A name in policy: of a muscle, a scope or a licence. No `/`, which separates the parts of a store's keys. */
export const policyName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\s/\p{C}]+$/u, 'no spaces, slashes or control characters');

/** A surface, app, request or run, as callers name them in headers and tokens. */
export const contextId = z.string().regex(ID_PATTERN, '1 to 128 letters, digits or _ . : @ | + / = -');
