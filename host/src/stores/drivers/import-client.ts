import { StoreError } from '../store-error.ts';

/** Codes of Node for what it does not find: of `import`, and of `require` in a client that is CommonJS inside. */
const NOT_FOUND: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/**
 * Imports the client library of an engine when the engine is opened: a host that does not use it neither needs nor
 * loads it.
 *
 * @throws StoreError `unavailable` when the package, or something that it needs itself, is not installed, with the
 * command that installs it.
 */
export async function importClient<T>(engine: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (!NOT_FOUND.has(code)) throw cause;
    const missing = /Cannot find (?:package|module) '([^']+)'/.exec(message)?.[1] ?? name;
    const why =
      missing === name
        ? `needs the package ${name}; install it beside the host`
        : `found the package ${name}, but not ${missing}, which that one needs: install it again beside the host`;
    throw new StoreError('unavailable', `The ${engine} engine ${why}: npm install ${name}`, { cause });
  }
}
