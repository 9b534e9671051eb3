/** One finding about a muscle, in the shape that terminals, `/admin/muscles` and editors show. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable, dotted: `spec.unknown_key`, `bind.missing_handler`. */
  readonly code: string;
  /** What is wrong, and the fix, in one or two sentences. */
  readonly message: string;
  /** Path of the file as it was given to the binder. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
}
