import { SDK_VERSION } from '../version.ts';
import { buildCommand } from './build.command.ts';
import { checkCommand } from './check.command.ts';
import { packCommand } from './pack.command.ts';
import type { Program } from './run-program.ts';

/** `muscle`: what an author runs on a muscle, a plugin whose scopes become MCP tools. */
export const muscleProgram: Program = {
  name: 'muscle',
  summary: 'Checks, builds and packs a muscle: a plugin whose scopes (operations) become MCP tools.',
  version: SDK_VERSION,
  commands: [checkCommand, buildCommand, packCommand],
};
