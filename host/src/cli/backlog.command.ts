import { relative } from 'node:path';
import type { Command } from 'commander';
import {
  BACKLOG_KINDS,
  BACKLOG_STATUSES,
  oneOf,
  readBacklog,
  writeBacklog,
  type BacklogRow,
  type BacklogStatus,
} from './backlog/backlog-file.ts';
import { scaffoldRows } from './backlog/scaffold-row.ts';
import { printData } from './print.ts';
import { CommandFailure } from './run-host.ts';

const DEFAULT_FILE = 'registry-data/muscle-backlog.tsv';

/** Wrapping the next muscle is: pick, scaffold, implement, check, enable. */
export function addBacklogCommand(program: Command): void {
  const backlog = program
    .command('backlog')
    .description('the muscles that are still to be wrapped: pick, scaffold, tick off');

  command(backlog, 'next', 'print the next rows that nobody has begun')
    .option('--kind <kind>', `only rows of this kind: ${BACKLOG_KINDS.join(', ')}`)
    .option('--count <n>', 'how many rows', '1')
    .action(async (options: Options & { kind?: string; count: string }) => {
      const kind = options.kind === undefined ? undefined : oneOf(BACKLOG_KINDS, options.kind, '--kind');
      const count = Number(options.count);
      if (!Number.isInteger(count) || count < 1) throw new CommandFailure('--count is a number from 1.');
      const open = (await readBacklog(options.file)).filter(
        (row) => row.status === 'todo' && (kind === undefined || row.kind === kind),
      );
      show(open.slice(0, count), options);
    });

  command(
    backlog,
    'scaffold [muscle]',
    'write the wrapper of the next muscle, or of this one, with its scopes to be implemented',
  )
    .option('--in <folder>', 'folder that gets the muscle [plugins of the workspace]')
    .action(async (id: string | undefined, options: Options & { in?: string }) => {
      const rows = await readBacklog(options.file);
      const wanted = id ?? rows.find((row) => row.status === 'todo')?.muscle_id;
      const begun = rows.filter((row) => row.muscle_id === wanted && row.status === 'todo');
      if (wanted === undefined || begun.length === 0)
        throw new CommandFailure(
          id === undefined ? 'No row is todo.' : `No row of ${id} is todo; northstar backlog status lists them.`,
        );
      const { dir, files } = await scaffoldRows(begun, options.in);
      await writeBacklog(
        options.file,
        rows.map((row) => (begun.includes(row) ? { ...row, status: 'scaffolded' } : row)),
      );
      if (options.json)
        printData(
          JSON.stringify({ muscle_id: wanted, dir, files, scopes: begun.flatMap(({ scopes }) => scopes) }, null, 2),
        );
      else printData(scaffolded(wanted, relative(process.cwd(), dir)));
    });

  command(
    backlog,
    'status [muscle] [status]',
    `print the rows, or set those of one muscle to one of ${BACKLOG_STATUSES.join(', ')}`,
  ).action(async (id: string | undefined, status: string | undefined, options: Options) => {
    const rows = await readBacklog(options.file);
    if (id !== undefined && !rows.some((row) => row.muscle_id === id))
      throw new CommandFailure(`${options.file} has no row of ${id}.`);
    const now =
      status === undefined
        ? rows
        : await setStatus(rows, { id, status: oneOf(BACKLOG_STATUSES, status, 'status'), file: options.file });
    show(
      now.filter((row) => id === undefined || row.muscle_id === id),
      options,
    );
  });
}

interface Options {
  readonly file: string;
  readonly json?: boolean;
}

function command(backlog: Command, usage: string, description: string): Command {
  return backlog
    .command(usage)
    .description(description)
    .option('--file <tsv>', 'the backlog', DEFAULT_FILE)
    .option('--json', 'print JSON');
}

async function setStatus(
  rows: readonly BacklogRow[],
  { id, status, file }: { id: string | undefined; status: BacklogStatus; file: string },
): Promise<BacklogRow[]> {
  const changed = rows.map((row) => (row.muscle_id === id ? { ...row, status } : row));
  await writeBacklog(file, changed);
  return changed;
}

function show(rows: readonly BacklogRow[], { json }: Options): void {
  if (json) return printData(JSON.stringify({ rows }, null, 2));
  const width = Math.max(0, ...rows.map((row) => row.muscle_id.length));
  const lines = rows.map(
    (row) =>
      `${row.muscle_id.padEnd(width)}  ${row.status.padEnd(10)}  ${row.kind.padEnd(6)}  ${row.scopes.join(', ')}`,
  );
  printData(lines.join('\n') || 'no rows');
}

function scaffolded(id: string, dir: string): string {
  return [
    `${dir} holds the wrapper of ${id}. What is left:`,
    `  implement   the handlers in ${dir}/impl.ts; AGENTS.md there says what may be touched`,
    `  check       npx muscle check ${dir} --strict && npx vitest run ${dir}`,
    `  enable      put ${id} into ENABLED_MUSCLES, then northstar backlog status ${id} enabled`,
  ].join('\n');
}
