import type { Diagnostic } from '../bind/diagnostic.ts';
import type { RuleId } from './rule-table.ts';

/** A diagnostic of `muscle check`: which rule it breaks, why the rule exists, and how to put it right. */
export interface Finding extends Diagnostic {
  readonly rule: RuleId;
  /** Which failure the rule prevents. */
  readonly why: string;
  readonly fix: string;
}

/** What a rule reports; the table adds the rest. */
export interface Hit {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What is wrong here, with the name of the thing. */
  readonly message: string;
  /** Where the fix depends on the place; otherwise the rule's own. */
  readonly fix?: string;
  /** Where one rule has findings of two weights; otherwise the rule's own. */
  readonly severity?: Finding['severity'];
}
