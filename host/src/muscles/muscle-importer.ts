import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as sdk from '@northstar/sdk';
import { createJiti, type Jiti } from 'jiti';
import * as zod from 'zod';
import * as zodV3 from 'zod/v3';
import * as zodV4 from 'zod/v4';

/** Runs a muscle's impl.ts and gives its exports. The only place that uses jiti. */
export class MuscleImporter {
  readonly #jiti: Jiti;

  /** `cacheDir` keeps transformed sources, so that a warm start does not pay for the transform again. */
  constructor(cacheDir: string) {
    this.#jiti = createJiti(join(cacheDir, 'muscles.js'), {
      fsCache: cacheDir,
      // Each import evaluates a fresh graph: no half-loaded siblings when several muscles load at once.
      moduleCache: false,
      // A default export's members are not named exports; the contract asks for named ones.
      interopDefault: false,
      // One zod and one SDK for host and muscles, wherever a muscle's folder lies and whatever it has installed.
      virtualModules: { '@northstar/sdk': sdk, zod, 'zod/v3': zodV3, 'zod/v4': zodV4 },
    });
  }

  /** Throws what the muscle throws, or a syntax error whose message holds file, line and column. */
  async import(dir: string): Promise<{ file: string; exports: Record<string, unknown> }> {
    const file = join(dir, 'impl.ts');
    const source = await readFile(file, 'utf8');
    const stopWatching = tellWhoExits(file);
    try {
      const options = { id: file, filename: file, ext: '.ts', async: true, cache: {} } as const;
      const exports: unknown = await this.#jiti.evalModule(source, options);
      return {
        file,
        exports: typeof exports === 'object' && exports !== null ? (exports as Record<string, unknown>) : {},
      };
    } finally {
      stopWatching();
    }
  }
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
