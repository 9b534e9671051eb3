export const STEPS = [
  'connect',
  'discover',
  'echo',
  'list open',
  'refused 403',
  'as result',
  'bad client',
  'granted',
  'read link',
  'still open',
] as const;
export type StepName = (typeof STEPS)[number];

export interface StepResult {
  readonly ok: boolean;
  readonly detail: string;
}

/** What one client did over one transport. */
export class Row {
  readonly client: string;
  readonly transport: 'http' | 'stdio';
  readonly steps: Partial<Record<StepName, StepResult>> = {};

  constructor(client: string, transport: 'http' | 'stdio') {
    this.client = client;
    this.transport = transport;
  }

  /** Runs a step and keeps what came of it; one failure does not stop the next step. */
  async step(name: StepName, run: () => Promise<string>): Promise<void> {
    this.steps[name] = await attempt(run);
  }
}

export interface Check extends StepResult {
  readonly name: string;
}

export interface Report {
  readonly ok: boolean;
  readonly rows: readonly Row[];
  readonly checks: readonly Check[];
  readonly skipped: readonly { readonly client: string; readonly reason: string }[];
}

export async function attempt(run: () => Promise<string>): Promise<StepResult> {
  try {
    return { ok: true, detail: await run() };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

/** A table for people, and below it every failure in full. */
export function formatReport({ rows, checks, skipped, ok }: Report): string {
  const cell = (row: Row, step: StepName): string => {
    const result = row.steps[step];
    if (result === undefined) return '-';
    if (!result.ok) return 'FAILED';
    return step === 'connect' ? result.detail : 'ok';
  };
  const table = [
    ['client', 'transport', ...STEPS],
    ...rows.map((row) => [row.client, row.transport, ...STEPS.map((step) => cell(row, step))]),
  ];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const lines = table.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const failures = rows.flatMap((row) =>
    STEPS.flatMap((step) => {
      const result = row.steps[step];
      return result && !result.ok ? [`FAILED ${row.client} over ${row.transport}, ${step}: ${result.detail}`] : [];
    }),
  );
  return [
    ...lines,
    '',
    ...checks.map((check) => `${check.ok ? 'ok    ' : 'FAILED'} ${check.name}: ${check.detail}`),
    ...skipped.map(({ client, reason }) => `SKIPPED ${client}: ${reason}`),
    ...failures,
    '',
    ok ? `Every step${skipped.length > 0 ? ' that ran' : ''} passed.` : 'Some steps failed, see above.',
  ].join('\n');
}
