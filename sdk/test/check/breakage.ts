import type { RuleId } from '../../src/check/rule-table.ts';

/** One defect, made by changing one thing in the good muscle `field_notes`. */
export interface Breakage {
  readonly name: string;
  readonly rule: RuleId;
  readonly file: string;
  /** Which text becomes which. It must stand in the file exactly once. */
  readonly change: readonly [from: string, to: string];
  /** `line:column` of the finding in the file that was changed, or with the file where it is another. */
  readonly place: string;
  /** Words of message and fix. */
  readonly says: RegExp;
}
