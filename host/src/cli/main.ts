import { Command } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import { StoreError } from '../stores/store-error.ts';
import { VERSION } from '../version.ts';
import { addAuditCommand } from './audit.command.ts';
import { addBacklogCommand } from './backlog.command.ts';
import { addCallCommand } from './call.command.ts';
import { addDevCommand } from './dev.command.ts';
import { addMusclesCommand } from './muscles.command.ts';
import { addPolicyCommand } from './policy.command.ts';
import { printFailure } from './print.ts';
import { CommandFailure } from './run-host.ts';
import { addServeCommand } from './serve.command.ts';
import { addStdioCommand } from './stdio.command.ts';

const program = new Command('northstar')
  .description('A governed plugin host for MCP tools. A muscle is a plugin; each of its scopes becomes one MCP tool.')
  .version(VERSION)
  .showHelpAfterError('(northstar --help lists the commands)');
addServeCommand(program);
addDevCommand(program);
addStdioCommand(program);
addMusclesCommand(program);
addCallCommand(program);
addAuditCommand(program);
addPolicyCommand(program);
addBacklogCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  const told = [ConfigError, CommandFailure, StoreError, NorthstarError].some((kind) => error instanceof kind);
  const lines =
    error instanceof ConfigError ? error.problems : [error instanceof Error ? error.message : String(error)];
  for (const line of lines) printFailure(line);
  // A stack trace helps only where nobody foresaw the failure.
  if (!told && error instanceof Error && error.stack) printFailure(error.stack);
  process.exit(1);
}
