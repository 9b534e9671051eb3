import type { Breakage } from './breakage.ts';
import { BROKEN_CODE } from './broken-code.ts';
import { BROKEN_SPECS } from './broken-specs.ts';

export const BROKEN_MUSCLES: readonly Breakage[] = [...BROKEN_SPECS, ...BROKEN_CODE];
