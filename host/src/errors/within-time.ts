/**
 * Waits for work, but not longer than `ms` milliseconds; then rejects with an Error that says what did not happen.
 * The work itself goes on: abort it as well where that is possible, with `onLate`.
 */
export async function withinTime<T>(
  work: Promise<T>,
  ms: number,
  late: { what: string; onLate?: () => void },
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late.onLate?.();
      reject(new Error(`${late.what} within ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
