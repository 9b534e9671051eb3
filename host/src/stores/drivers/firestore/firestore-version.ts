/** A point in time as Firestore gives it out: whole seconds, and microseconds in nanoseconds. */
export interface UpdateTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** The version of a record, from the update time of its document. With a letter, so that nobody counts with it. */
export function toVersion({ seconds, nanoseconds }: UpdateTime): string {
  return `u${seconds.toString(36)}.${nanoseconds.toString(36)}`;
}

/** Undefined for what `toVersion` never gave out. */
export function fromVersion(version: string): UpdateTime | undefined {
  const [, seconds = '', nanoseconds = ''] = /^u([0-9a-z]{1,7})\.([0-9a-z]{1,6})$/.exec(String(version)) ?? [];
  const time = { seconds: parseInt(seconds, 36), nanoseconds: parseInt(nanoseconds, 36) };
  const known = time.nanoseconds < 1_000_000_000 && toVersion(time) === version;
  return known ? time : undefined;
}
