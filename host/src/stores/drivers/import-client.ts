import { StoreError } from '../store-error.ts';

/**
 * Imports the client library of an engine when the engine is opened: a host that does not use it neither needs nor
 * loads it.
 *
 * @throws StoreError `unavailable` when the package is not installed, with the command that installs it.
 */
export async function importClient<T>(engine: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new StoreError(
      'unavailable',
      `The ${engine} engine needs the package ${name}; install it beside the host: npm install ${name}`,
      { cause },
    );
  }
}
