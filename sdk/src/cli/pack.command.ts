import { relative, resolve } from 'node:path';
import { BuildError, packMuscle } from '../build/index.ts';
import { build, NO_CHECK } from './build.command.ts';
import { CommandFailure, type Command } from './command.ts';

/** `muscle pack`: a tarball that npm installs and the Workbench publishes. */
export const packCommand: Command = {
  name: 'pack',
  summary: 'Builds a muscle and packs what was built into a tarball that npm installs.',
  positionals: '[folder]',
  flags: {
    out: {
      type: 'string',
      short: 'o',
      placeholder: '<folder>',
      description: 'folder to build into [dist of the muscle]',
    },
    into: { type: 'string', placeholder: '<folder>', description: 'folder that gets the tarball [this one]' },
    'no-check': NO_CHECK,
    json: { type: 'boolean', description: 'print tarball, digests and scopes as JSON' },
  },
  notes: `It checks and builds as muscle build does. The tarball has the keyword northstar-muscle, by which a host finds it among its packages.
Example: muscle pack plugins/echo --into packages`,
  run: async (invocation) => {
    const { flags, cwd, print } = invocation;
    const { manifest, out } = await build(invocation);
    try {
      const packed = await packMuscle(out, typeof flags.into === 'string' ? resolve(cwd, flags.into) : cwd);
      const { id, version, digest, sbom } = manifest;
      if (flags.json === true) print.data(JSON.stringify({ id, version, digest, sbom, ...packed }, null, 2));
      else
        print.data(
          [
            `${id} ${version} is packed into ${relative(cwd, packed.file)} (${packed.size} bytes)`,
            `digest   ${digest}`,
            `tarball  sha256:${packed.sha256}`,
          ].join('\n'),
        );
      return 0;
    } catch (error) {
      if (error instanceof BuildError) throw new CommandFailure(error.message);
      throw error;
    }
  },
};
