import type { EngineCaps, EngineLimits, SpineCaps } from '../../engine-caps.ts';
import { MAX_KEY_BYTES } from '../../key-codec.ts';
import type { JsonLimit } from '../json-text.ts';

/**
 * DynamoDB answers a write once several zones have it. The contract suites ran against dynalite, an emulator: what it
 * does not model (throttling, adaptive capacity, skewed clocks) is written to the documentation of the service.
 */
export const DYNAMO_CAPS: EngineCaps = { durability: 'replicated', multiProcess: true, verified: 'emulator' };
export const DYNAMO_SPINE_CAPS: SpineCaps = { ...DYNAMO_CAPS, atomicAppend: false, pushTail: false };

/** An item may have 400 KiB, names and keys included: 8 KiB are kept for those, so that the limit is one for all. */
const MAX_ITEM_BYTES = 400 * 1024;
const ITEM_OVERHEAD_BYTES = 8 * 1024;

export const DYNAMO_LIMITS: EngineLimits = {
  maxValueBytes: MAX_ITEM_BYTES - ITEM_OVERHEAD_BYTES,
  maxKeyBytes: MAX_KEY_BYTES,
};

export const DYNAMO_JSON: JsonLimit = { maxBytes: DYNAMO_LIMITS.maxValueBytes, setBy: 'DynamoDB' };

/** Characters of JSON in one page of a listing: 1000 items of 400 KiB each would be 400 MB in memory. */
export const PAGE_CHARS = 16 * 1024 * 1024;
