import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Jiti } from 'jiti';
import { withinTime } from '../errors/within-time.ts';
import { freshGraph, type Evaluate } from './fresh-graph.ts';
import { HOST_MODULES } from './host-modules.ts';
import { importBuilt } from './import-built.ts';

type EvalOptions = Parameters<Jiti['evalModule']>[1];

/** Runs a muscle's code, from source or as built, and gives its exports. The only place that makes a jiti. */
export class MuscleImporter {
  readonly #cacheDir: string;
  #jiti: Promise<Jiti> | undefined;

  /** `cacheDir` keeps transformed sources, so that a warm start does not pay for the transform again. */
  constructor(cacheDir: string) {
    this.#cacheDir = cacheDir;
  }

  /**
   * Every import of source runs fresh code: impl.ts and all that it imports from its own folder. A folder without
   * impl.ts is taken as built: its impl.js is imported natively. `dir` has its links resolved. Throws what the muscle
   * throws, a syntax error whose message holds file, line and column, or an error after `timeoutMs` milliseconds: a
   * top-level await may never settle.
   */
  async import(dir: string, timeoutMs: number): Promise<{ file: string; exports: Record<string, unknown> }> {
    const file = codeFile(dir);
    const stopWatching = tellWhoExits(file);
    try {
      const work = file.endsWith('.js') ? importBuilt(file) : this.#importSource(file, dir);
      const exports = await withinTime(work, timeoutMs, { what: `${basename(file)} did not finish importing` });
      return { file, exports };
    } finally {
      stopWatching();
    }
  }

  async #importSource(file: string, dir: string): Promise<Record<string, unknown>> {
    this.#jiti ??= openJiti(this.#cacheDir);
    const [jiti, source] = await Promise.all([this.#jiti, readFile(file, 'utf8')]);
    const evaluate: Evaluate = (text, options) => jiti.evalModule(text, options as EvalOptions);
    const graph = freshGraph(dir, evaluate);
    const exports = await evaluate(source, { id: file, filename: file, ext: '.ts', async: true, cache: graph });
    return typeof exports === 'object' && exports !== null ? (exports as Record<string, unknown>) : {};
  }
}

/** Loaded only where there are sources: a host or an isolate with nothing but built muscles never needs it. */
async function openJiti(cacheDir: string): Promise<Jiti> {
  const { createJiti } = await import('jiti');
  return createJiti(join(cacheDir, 'muscles.js'), {
    fsCache: cacheDir,
    // Each import evaluates a fresh graph: no half-loaded siblings when several muscles load at once.
    moduleCache: false,
    // A default export's members are not named exports; the contract asks for named ones.
    interopDefault: false,
    virtualModules: { ...HOST_MODULES },
  });
}

/** impl.ts, unless only the impl.js of a build is there. */
export function codeFile(dir: string): string {
  const source = join(dir, 'impl.ts');
  const built = join(dir, 'impl.js');
  return !existsSync(source) && existsSync(built) ? built : source;
}

/** A muscle that ends the process while it is imported would otherwise do so without a word. */
function tellWhoExits(file: string): () => void {
  const onExit = (code: number): void => {
    process.stderr.write(
      `error ${file} ended the process with status ${code} while it was imported; take process.exit out of it\n`,
    );
  };
  process.once('exit', onExit);
  return () => process.off('exit', onExit);
}
