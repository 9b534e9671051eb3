/** One run of the suite. */
export interface Revision {
  readonly id: string;
  /** What the suite is asked to run, when it is not asked for one scenario. */
  readonly select: readonly string[];
  /** Required checks that must pass: all there are. The exit code alone says little, since one that ran none is 0 too. */
  readonly floor: number;
  /** Scenarios that the suite only reports, and that must pass here all the same. */
  readonly held: readonly string[];
}

/** `--requirements` is the set that the suite froze for a revision; the oldest one that the host serves has none. */
export const REVISIONS: readonly Revision[] = [
  {
    id: '2026-07-28',
    select: ['--requirements', '2026-07-28'],
    floor: 120,
    held: ['json-schema-2020-12', 'http-header-validation', 'http-custom-header-server-validation'],
  },
  {
    id: '2025-11-25',
    select: ['--requirements', '2025-11-25'],
    floor: 70,
    held: ['server-session-lifecycle', 'json-schema-2020-12'],
  },
  { id: '2025-06-18', select: ['--suite', 'all', '--spec-version', '2025-06-18'], floor: 56, held: [] },
];
