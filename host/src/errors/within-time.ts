/**
 * Waits for work, but not longer than `ms` milliseconds; then rejects with an Error that says what did not happen.
 * The work itself goes on: abort it as well where that is possible, with `onLate`.
 */
export function withinTime<T>(work: Promise<T>, ms: number, late: { what: string; onLate?: () => void }): Promise<T> {
  // By hand: every gate of every call passes here, and racing promises costs several times as much.
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      late.onLate?.();
      reject(new Error(`${late.what} within ${ms} ms`));
    }, ms);
    Promise.resolve(work).then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
