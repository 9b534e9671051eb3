/** The host's rule for keys, so that a test notices a key that the host would refuse. */
export function assertKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes < 1 || bytes > 512 || /[\p{Cc}\p{Cs}]/u.test(key)) throw new Error(`The host refuses this key: ${key}`);
}
