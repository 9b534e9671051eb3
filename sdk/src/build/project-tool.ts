import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import { BuildError } from './build-error.ts';

/** A tool from the muscle's own packages, else from those around the SDK: what only authors need is no dependency. */
export function projectTool<T>(name: string, dir: string): { tool: T; version: string } {
  for (const home of [dir, packageRoot()]) {
    const require = createRequire(join(home, 'package.json'));
    try {
      const { version } = require(`${name}/package.json`) as { version: string };
      return { tool: require(name) as T, version };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new BuildError(`${name} is not installed; run: npm install --save-dev ${name}`);
}
