import { createMuscle, ScaffoldError, type CreatedMuscle } from '@northstar/sdk/scaffold';
import { CommandFailure } from '../run-host.ts';
import type { BacklogRow } from './backlog-file.ts';

/** Writes the wrapper of a muscle, with the scopes of these rows wired to "not implemented". */
export async function scaffoldRows(rows: readonly BacklogRow[], parent: string | undefined): Promise<CreatedMuscle> {
  const [first, ...rest] = rows;
  if (first === undefined) throw new CommandFailure('There is nothing to scaffold.');
  const stubs = [first, ...rest].flatMap((row) =>
    row.scopes.map((name) => ({
      name,
      effects: row.kind === 'read' ? ('read' as const) : ('write' as const),
      kind: row.kind === 'job' || row.kind === 'stream' ? row.kind : ('unary' as const),
      ...(row.needs_gatechain && { subjectType: row.muscle_id }),
    })),
  );
  try {
    return await createMuscle({ id: first.muscle_id, template: stubs, parent, cwd: process.cwd() });
  } catch (error) {
    if (error instanceof ScaffoldError) throw new CommandFailure(error.message);
    throw error;
  }
}
