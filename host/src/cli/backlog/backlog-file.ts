import { readFile, rename, writeFile } from 'node:fs/promises';
import { CommandFailure } from '../run-host.ts';

export const BACKLOG_COLUMNS = ['muscle_id', 'scopes', 'kind', 'needs_gatechain', 'status'] as const;

/** What the scopes of a row do: `read` and `write` answer at once, a `job` runs on, a `stream` answers bit by bit. */
export const BACKLOG_KINDS = ['read', 'write', 'job', 'stream'] as const;
export type BacklogKind = (typeof BACKLOG_KINDS)[number];

/** `blocked`: the service lacks what the scopes need, and somebody else must add it. */
export const BACKLOG_STATUSES = ['todo', 'scaffolded', 'blocked', 'done', 'enabled'] as const;
export type BacklogStatus = (typeof BACKLOG_STATUSES)[number];

/** Some scopes of one muscle that are wrapped together. A muscle may have several rows. */
export interface BacklogRow {
  readonly muscle_id: string;
  readonly scopes: readonly string[];
  readonly kind: BacklogKind;
  /** The calls act on a thing that policy must see: the scaffold gives them a subject. Every call passes GateChain. */
  readonly needs_gatechain: boolean;
  readonly status: BacklogStatus;
}

export async function readBacklog(file: string): Promise<BacklogRow[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CommandFailure(`${file} cannot be read. Run this where it is, or name it with --file.`);
  });
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (head !== BACKLOG_COLUMNS.join('\t'))
    throw new CommandFailure(`${file}:1: the columns are ${BACKLOG_COLUMNS.join(', ')}, separated by tabs.`);
  return lines.map((line, index) => readRow(line, `${file}:${index + 2}`));
}

/** Written beside the file first: a crash midway must not cost the backlog. */
export async function writeBacklog(file: string, rows: readonly BacklogRow[]): Promise<void> {
  const lines = rows.map((row) =>
    [row.muscle_id, row.scopes.join(','), row.kind, String(row.needs_gatechain), row.status].join('\t'),
  );
  await writeFile(`${file}.next`, [BACKLOG_COLUMNS.join('\t'), ...lines, ''].join('\n'));
  await rename(`${file}.next`, file);
}

function readRow(line: string, where: string): BacklogRow {
  const cells = line.split('\t').map((cell) => cell.trim());
  const [muscle_id = '', scopes = '', kind = '', gatechain = '', status = ''] = cells;
  if (cells.length !== BACKLOG_COLUMNS.length || muscle_id === '' || scopes === '')
    throw new CommandFailure(`${where}: a row has ${BACKLOG_COLUMNS.length} filled cells, separated by tabs.`);
  return {
    muscle_id,
    scopes: scopes.split(',').map((scope) => scope.trim()),
    kind: oneOf(BACKLOG_KINDS, kind, `${where}: kind`),
    needs_gatechain: oneOf(['true', 'false'], gatechain, `${where}: needs_gatechain`) === 'true',
    status: oneOf(BACKLOG_STATUSES, status, `${where}: status`),
  };
}

export function oneOf<T extends string>(allowed: readonly T[], text: string, what: string): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new CommandFailure(`${what} is one of ${allowed.join(', ')}, not "${text}".`);
  return found;
}
