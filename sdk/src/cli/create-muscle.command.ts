import { relative } from 'node:path';
import {
  createMuscle,
  LAYOUTS,
  ScaffoldError,
  TEMPLATE_NAMES,
  TEMPLATES,
  type CreatedMuscle,
} from '../scaffold/index.ts';
import { askForMuscle } from './ask-for-muscle.ts';
import { CommandFailure, type Command, type Invocation } from './command.ts';
import { bold } from './printer.ts';

/** `create-muscle`: writes a new muscle that works as it stands. Asks for what is missing where someone can answer. */
export const createMuscleCommand: Command = {
  name: 'create-muscle',
  summary: 'Writes a new muscle: a plugin whose scopes (operations) become MCP tools.',
  positionals: '[id]',
  flags: {
    template: { type: 'string', short: 't', description: `one of ${TEMPLATE_NAMES.join(', ')} [basic]` },
    name: { type: 'string', placeholder: '<text>', description: 'title for people [made from the id]' },
    summary: { type: 'string', placeholder: '<text>', description: 'one sentence on what the muscle does' },
    in: {
      type: 'string',
      placeholder: '<folder>',
      description: 'folder to write it in [plugins of the workspace, else this one]',
    },
    layout: {
      type: 'string',
      placeholder: LAYOUTS.join('|'),
      description: 'with or without its own package.json, compiler and linter',
    },
    yes: { type: 'boolean', short: 'y', description: 'ask nothing: take the defaults for what no flag says' },
    json: { type: 'boolean', description: 'print what was written as JSON' },
  },
  notes: `Templates:
${TEMPLATE_NAMES.map((name) => `  ${name.padEnd(12)}  ${TEMPLATES[name]}`).join('\n')}

On a terminal it asks for what no flag says; elsewhere it takes the defaults.
Example: npm create muscle my_tool -- --template read-write`,
  run: async (invocation) => {
    const created = await create(invocation);
    const next = nextCommands(created, invocation.cwd);
    if (invocation.flags.json === true) {
      const { dir, layout, files } = created;
      invocation.print.data(JSON.stringify({ dir, layout, files, next }, null, 2));
    } else {
      const where = relative(invocation.cwd, created.dir) || '.';
      invocation.print.data(`${where} holds ${created.files.join(', ')}\n\nNext:`);
      for (const command of next) invocation.print.data(`  ${bold(command)}`);
    }
    return 0;
  },
};

async function create(invocation: Invocation): Promise<CreatedMuscle> {
  const { positionals, flags, cwd } = invocation;
  const [id, ...rest] = positionals;
  if (rest.length > 0)
    throw new CommandFailure(`create-muscle writes one muscle at a time; leave out ${rest.join(' ')}.`);
  const layout = LAYOUTS.find((name) => name === flags.layout);
  if (flags.layout !== undefined && layout === undefined)
    throw new CommandFailure(`There is no layout "${flags.layout}". Choose one of ${LAYOUTS.join(', ')}.`);
  const given = { id, template: text(flags.template), name: text(flags.name), summary: text(flags.summary) };
  try {
    const answers = flags.yes === true || flags.json === true ? given : await askForMuscle(given);
    if (answers.id === undefined)
      throw new CommandFailure('Name the muscle: create-muscle my_tool (create-muscle --help lists the flags).');
    return await createMuscle({
      ...answers,
      id: answers.id,
      template: answers.template ?? 'basic',
      parent: text(flags.in),
      layout,
      cwd,
    });
  } catch (error) {
    if (error instanceof ScaffoldError) throw new CommandFailure(error.message);
    throw error;
  }
}

/** What to type next, from the folder that the command ran in. */
function nextCommands({ dir, layout, workspace = dir }: CreatedMuscle, cwd: string): [string, string] {
  const home = layout === 'workspace' ? workspace : dir;
  const enter = relative(cwd, home) === '' ? '' : `cd ${shellWord(relative(cwd, home))} && `;
  const id = dir.split(/[/\\]/).at(-1) ?? '';
  return layout === 'workspace'
    ? [
        `${enter}npx vitest run ${shellWord(relative(home, dir).replaceAll('\\', '/'))}`,
        `${enter}npx northstar dev --muscles ${id}`,
      ]
    : [`${enter}npm install`, 'npx northstar dev'];
}

function shellWord(path: string): string {
  return /^[\w./\\:-]+$/.test(path) ? path : `"${path}"`;
}

function text(flag: string | boolean | undefined): string | undefined {
  return typeof flag === 'string' ? flag : undefined;
}
