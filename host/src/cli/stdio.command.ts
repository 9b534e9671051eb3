import type { Command } from 'commander';
import { reserveStdout, serveMcpOverStdio } from '../gateway/stdio-gateway.ts';
import { jsonLogger } from '../log/logger.ts';
import { keepServing } from './keep-serving.ts';
import { configFromEnvironment, startHost } from './run-host.ts';

export function addStdioCommand(program: Command): void {
  program
    .command('stdio')
    .description('serve MCP over stdin and stdout, for clients that start their servers')
    .addHelpText(
      'after',
      `
The caller is set by the environment, once for the whole process (defaults in brackets):
  NORTHSTAR_MODE [lab]  NORTHSTAR_TENANT_ID [t_lab]  NORTHSTAR_PROJECT_ID [p_lab]  NORTHSTAR_USER_ID [u_lab]
stdout carries protocol messages only; everything else goes to stderr.`,
    )
    .action(async () => {
      // Before any muscle's code runs, so that not even a log line at import can break the protocol.
      const stdout = reserveStdout(process.stdout, process.stderr);
      const config = configFromEnvironment();
      const host = await startHost(config);
      keepServing(jsonLogger(process.stderr, config.logLevel), host.registry);
      const newContext = () => host.contexts.fromEnvironment(config.stdio, 'stdio');
      await serveMcpOverStdio({
        ...host.gatewayParts,
        newContext,
        view: { ...host.view, overHttp: false },
        notifier: host.notifier,
        logger: jsonLogger(process.stderr, config.logLevel),
        stdin: process.stdin,
        stdout,
      });
      await host.close();
      process.exit(0);
    });
}
