import * as sdk from '@northstar/sdk';
import * as zod from 'zod';
import * as zodMini from 'zod/mini';
import * as zodV3 from 'zod/v3';
import * as zodV4 from 'zod/v4';

/**
 * Modules of which host and muscles share one copy, by the exact specifier that a muscle imports. Where a muscle's
 * folder lies and what it has installed then make no difference.
 */
export const HOST_MODULES: Readonly<Record<string, object>> = {
  '@northstar/sdk': sdk,
  zod,
  'zod/mini': zodMini,
  'zod/v3': zodV3,
  'zod/v4': zodV4,
};
