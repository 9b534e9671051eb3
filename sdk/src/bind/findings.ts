import type { DiagnosticCode } from './diagnostic-codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Position } from './spec-positions.ts';

/** A hostile file must not turn into megabytes of findings. */
const MAX_FINDINGS = 200;

/** Collects what is wrong with one file, so that an author sees everything in one pass. */
export class Findings {
  readonly list: Diagnostic[] = [];
  #failed = false;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** True once an error was reported; warnings do not count. */
  get failed(): boolean {
    return this.#failed;
  }

  error(code: DiagnosticCode, at: Position, message: string): void {
    this.#failed = true;
    this.#add({ severity: 'error', code, message, file: this.#file, line: at.line, column: at.column });
  }

  warn(code: DiagnosticCode, at: Position, message: string): void {
    this.#add({ severity: 'warning', code, message, file: this.#file, line: at.line, column: at.column });
  }

  #add(finding: Diagnostic): void {
    if (this.list.length < MAX_FINDINGS) this.list.push(finding);
    else if (this.list.length === MAX_FINDINGS) {
      const message = `More than ${MAX_FINDINGS} findings; fix these first and check again.`;
      this.list.push({ ...finding, code: 'spec.too_many_problems' satisfies DiagnosticCode, message });
    }
  }
}
