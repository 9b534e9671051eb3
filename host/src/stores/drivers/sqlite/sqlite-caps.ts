import type { EngineCaps, EngineLimits } from '../../engine-caps.ts';
import { MAX_KEY_BYTES } from '../../key-codec.ts';
import { MAX_JSON_BYTES } from '../json-text.ts';

export const SQLITE_CAPS: EngineCaps = { durability: 'fsync', multiProcess: false, verified: 'real' };
export const SQLITE_LIMITS: EngineLimits = { maxValueBytes: MAX_JSON_BYTES, maxKeyBytes: MAX_KEY_BYTES };
