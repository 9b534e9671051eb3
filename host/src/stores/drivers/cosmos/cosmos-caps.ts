import type { EngineCaps, EngineLimits } from '../../engine-caps.ts';
import { MAX_KEY_BYTES } from '../../key-codec.ts';
import type { JsonLimit } from '../json-text.ts';

/**
 * Several hosts only on an account with strong consistency: on any other a host may read what another has replaced
 * already. Conditions hold on every account, they are checked where the write happens.
 */
export function cosmosCaps(consistency: string | undefined): EngineCaps {
  return { durability: 'replicated', multiProcess: consistency === 'Strong', verified: 'emulator' };
}

/** An item holds 2 MiB of JSON, and the text of a value, quoted once more, may be twice as long in it. */
export const COSMOS_LIMITS: EngineLimits = { maxValueBytes: 1_000_000, maxKeyBytes: MAX_KEY_BYTES };
export const COSMOS_JSON: JsonLimit = { maxBytes: COSMOS_LIMITS.maxValueBytes, setBy: 'Cosmos DB' };
