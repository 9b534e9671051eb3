import { relative, resolve } from 'node:path';
import { BuildError, buildMuscle, type Manifest } from '../build/index.ts';
import { checkMuscle } from '../check/check-muscle.ts';
import { formatFinding } from '../check/format-finding.ts';
import { CannotCheck } from '../check/read-muscle-facts.ts';
import { CommandFailure, type Command, type Flag, type Invocation } from './command.ts';

/** Shared with `muscle pack`. */
export const NO_CHECK: Flag = { type: 'boolean', description: 'build although muscle check finds errors' };

/** `muscle build`: one folder that a host serves without sources or packages. */
export const buildCommand: Command = {
  name: 'build',
  summary: 'Builds a muscle into one folder that a host serves without its sources.',
  positionals: '[folder]',
  flags: {
    out: { type: 'string', short: 'o', placeholder: '<folder>', description: 'folder to write [dist of the muscle]' },
    'no-check': NO_CHECK,
    json: { type: 'boolean', description: 'print the manifest as JSON' },
  },
  notes: `It checks the muscle as muscle check does, and builds nothing while there is an error.
The folder holds spec.yaml, impl.js (one ES module with the packages that it uses), schemas/, package.json and
manifest.json with a digest of the content and a line for each package in it. @northstar/sdk and zod are not in
it: the host gives its own. Building the same sources again gives the same bytes.
Needs tsup beside the muscle, and TypeScript to check it: npm install --save-dev tsup typescript
Example: muscle build plugins/echo && NORTHSTAR_PLUGINS=plugins/echo/dist ENABLED_MUSCLES=echo northstar serve`,
  run: async (invocation) => {
    const { manifest, out } = await build(invocation);
    if (invocation.flags.json === true) invocation.print.data(JSON.stringify(manifest, null, 2));
    else invocation.print.data(describe(manifest, relative(invocation.cwd, out) || '.'));
    return 0;
  },
};

/** Checks and builds what the command line names; `muscle pack` does so too. */
export async function build({ positionals, flags, cwd }: Invocation): Promise<{ manifest: Manifest; out: string }> {
  const [folder = '.', ...rest] = positionals;
  if (rest.length > 0) throw new CommandFailure(`One muscle at a time; leave out ${rest.join(' ')}.`);
  const dir = resolve(cwd, folder);
  const out = typeof flags.out === 'string' ? resolve(cwd, flags.out) : resolve(dir, 'dist');
  try {
    if (flags['no-check'] !== true) await refuseDefects(dir, cwd);
    return { manifest: await buildMuscle({ dir, out }), out };
  } catch (error) {
    if (error instanceof BuildError || error instanceof CannotCheck) throw new CommandFailure(error.message);
    throw error;
  }
}

/** What an operator gets has passed the same check that its author saw. Warnings are left to `muscle check`. */
async function refuseDefects(dir: string, cwd: string): Promise<void> {
  const errors = (await checkMuscle(dir, { cwd })).filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  throw new CommandFailure(
    [
      `Nothing was built: muscle check finds ${errors.length} error${errors.length === 1 ? '' : 's'} (--no-check builds all the same).`,
      ...errors.map(formatFinding),
    ].join('\n'),
  );
}

function describe(manifest: Manifest, out: string): string {
  const { id, version, scopes, digest, host_modules: given, sbom } = manifest;
  return [
    `${id} ${version} is built into ${out} (${scopes.length} scope${scopes.length === 1 ? '' : 's'})`,
    `digest   ${digest}`,
    `host     gives ${given.join(', ') || 'nothing'}`,
    ...(sbom.length === 0
      ? ['bundled  no packages']
      : sbom.map(({ name, version: v, license }) => `bundled  ${name} ${v} ${license}`)),
  ].join('\n');
}
