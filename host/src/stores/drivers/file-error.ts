import { StoreError } from '../store-error.ts';

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space and repeat.',
  EDQUOT: 'the disk quota is used up; free some space and repeat.',
  EACCES: 'this user has no permission; check the owner of the data folder.',
  EPERM: 'this user has no permission; check the owner of the data folder.',
  EROFS: 'the file system is read-only.',
  EMFILE: 'too many files are open; raise the limit of open files.',
};

/** Runs one step on files. Its errors become `unavailable`, without a path: messages may reach a client. */
export async function onFiles<T>(doing: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new StoreError('unavailable', `The object store could not ${doing}: ${ADVICE[code] ?? code}`, { cause });
  }
}
