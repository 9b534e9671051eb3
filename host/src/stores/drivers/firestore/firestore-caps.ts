import type { EngineCaps, EngineLimits } from '../../engine-caps.ts';
import { MAX_KEY_BYTES } from '../../key-codec.ts';
import type { JsonLimit } from '../json-text.ts';

/** Firestore acknowledges after a majority of replicas has the write, and its reads are strongly consistent. */
export const FIRESTORE_CAPS: EngineCaps = { durability: 'replicated', multiProcess: true, verified: 'emulator' };

/** A document holds 1,048,576 bytes with its name and all fields; what is left over is for keys, ids and times. */
export const FIRESTORE_LIMITS: EngineLimits = { maxValueBytes: 1_000_000, maxKeyBytes: MAX_KEY_BYTES };
export const FIRESTORE_JSON: JsonLimit = { maxBytes: FIRESTORE_LIMITS.maxValueBytes, setBy: 'Firestore' };

/** JSON text in one commit. A request to Firestore holds 10 MiB. */
export const MAX_COMMIT_BYTES = 8_000_000;
