import type { Command } from 'commander';
import { callRunningHost } from './call-running-host.ts';
import { configFromEnvironment, CommandFailure, startHost, urlOfHost } from './run-host.ts';
import { StoreError } from '../stores/store-error.ts';
import { parseArguments } from './parse-arguments.ts';
import { printData } from './print.ts';

export function addCallCommand(program: Command): void {
  program
    .command('call <scope>')
    .description('call one scope through the same pipeline as MCP, and print its answer as JSON')
    .option('--json <arguments>', 'the arguments, a JSON object', '{}')
    .option(
      '--url <url>',
      'a running host to call; without it the host of this data folder, or one started for this one call',
    )
    .addHelpText(
      'after',
      `\nA host that authenticates needs NORTHSTAR_TOKEN, a bearer token.\nExample: ENABLED_MUSCLES=echo northstar call echo.ping --json '{"message":"hello"}'`,
    )
    .action(async (scope: string, options: { json: string; url?: string }) => {
      const args = parseArguments(options.json);
      const config = configFromEnvironment();
      const call = { scope, args };
      if (options.url !== undefined) return callRunningHost(options.url, call, config.stdio);
      const host = await startHost(config).catch((error: unknown) => {
        if (error instanceof StoreError && error.code === 'unavailable') return undefined;
        throw error;
      });
      // The data folder belongs to a host that runs already: that one can answer.
      if (host === undefined) return callRunningHost(urlOfHost(config), call, config.stdio);
      try {
        const tool = host.registry.current.toolByName.get(scope);
        if (tool === undefined)
          throw new CommandFailure(
            `No active muscle has the scope ${scope}. Active: ${host.registry.current.tools.map((entry) => entry.spec.name).join(', ') || 'none; set ENABLED_MUSCLES'}.`,
          );
        const context = host.contexts.fromEnvironment(config.stdio, 'cli');
        const outcome = await host.pipeline.invoke({ scope: tool.guarded, context, args, io: {} });
        if (!outcome.ok) {
          printData(JSON.stringify(outcome.envelope, null, 2));
          throw new CommandFailure(outcome.envelope.error.message);
        }
        const { answer } = outcome;
        if (answer.kind === 'value')
          printData(JSON.stringify(answer.structured ?? { text: answer.text, content: answer.content }, null, 2));
        else
          throw new CommandFailure(
            `${scope} answers with ${answer.kind === 'binary' ? 'bytes' : 'a question'}; use its http binding or an MCP client.`,
          );
      } finally {
        await host.close();
      }
    });
}
