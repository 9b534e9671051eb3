import type { Handler } from '../contract/handler.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Findings } from './findings.ts';
import type { SpecPositions } from './spec-positions.ts';

export type SpecPath = readonly (string | number)[];

interface ModuleExportsOptions {
  readonly exports: { readonly [name: string]: unknown };
  readonly implFile: string;
  readonly positions: SpecPositions;
  readonly findings: Findings;
}

/** The named exports of impl.ts, asked for by what spec.yaml says of them. */
export class ModuleExports {
  readonly #options: ModuleExportsOptions;
  readonly #fileName: string;

  constructor(options: ModuleExportsOptions) {
    this.#options = options;
    this.#fileName = options.implFile.split(/[\\/]/).at(-1) ?? options.implFile;
  }

  /** The function that spec.yaml names at `path`, or nothing once its absence is reported. */
  handler(name: string, path: SpecPath): Handler | undefined {
    const { findings, positions } = this.#options;
    const role = String(path.at(-1));
    const isFunction = (value: unknown) => typeof value === 'function';
    if (!this.#has(name)) {
      const hint =
        this.#hint(name, isFunction) || `. Add "export async function ${name}(…)" there, or correct the ${role}.`;
      findings.error('bind.missing_handler', positions.at(path), `${this.#fileName} does not export "${name}"${hint}`);
      return undefined;
    }
    const value = this.#options.exports[name];
    if (typeof value === 'function') return value as Handler;
    const hint = this.#hint(name, isFunction) || `. Make it a function, or correct the ${role}.`;
    const message = `The ${role} "${name}" is ${describe(value)}, not a function${hint}`;
    findings.error('bind.handler_not_a_function', positions.at(path), message);
    return undefined;
  }

  /** The value that spec.yaml names as a model at `path`, or nothing once its absence is reported. */
  model(name: string, path: SpecPath): { value: unknown } | undefined {
    const { findings, positions } = this.#options;
    if (this.#has(name)) return { value: this.#options.exports[name] };
    const isModel = (value: unknown) => typeof value === 'object' && value !== null;
    const hint =
      this.#hint(name, isModel) ||
      `. Add "export const ${name} = z.object({ … })" there, or correct the ${String(path.at(-1))}.`;
    findings.error('bind.missing_model', positions.at(path), `${this.#fileName} does not export "${name}"${hint}`);
    return undefined;
  }

  /** An optional function that the host calls itself. Its defects stand in impl.ts, of which only the path is known. */
  lifecycle(name: 'setup' | 'dispose', implFindings: Findings): { [name: string]: () => unknown } {
    if (!this.#has(name) || this.#options.exports[name] === undefined) return {};
    const value = this.#options.exports[name];
    if (typeof value === 'function') return { [name]: value as () => unknown };
    const message = `The export "${name}" is ${describe(value)}, but the host calls it. Make it a function, or rename it.`;
    implFindings.error('bind.lifecycle_not_a_function', { line: 1, column: 1 }, message);
    return {};
  }

  /** Only what the module itself names: neither `default` nor what its value holds is a named export. */
  #has(name: string): boolean {
    return name !== 'default' && Object.hasOwn(this.#options.exports, name);
  }

  #hint(name: string, fits: (value: unknown) => boolean): string {
    const { exports } = this.#options;
    const fallback = exports.default;
    if (typeof fallback === 'object' && fallback !== null && Object.hasOwn(fallback, name)) {
      return `, only its default export has it. Write "export const ${name} = …".`;
    }
    return didYouMean(
      name,
      Object.keys(exports).filter((key) => key !== 'default' && fits(exports[key])),
    );
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
}
