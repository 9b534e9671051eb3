import type { Command } from 'commander';
import { configFromEnvironment } from './run-host.ts';
import { serveHttp } from './serve-http.ts';

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('serve MCP and the control plane over HTTP')
    .option('--muscles <ids>', 'what to enable where ENABLED_MUSCLES is not set at all')
    .addHelpText(
      'after',
      `
Settings come from the environment (defaults in brackets):
  ENABLED_MUSCLES      comma-separated muscle ids [none]
  MUSCLES_MUST_LOAD    ids that must be active, or the start fails
  NORTHSTAR_PLUGINS    folders with muscles [plugins]
  NORTHSTAR_CONFIG     file whose muscles.enabled stands in for ENABLED_MUSCLES; watched [none]
  NORTHSTAR_WATCH      on: take up saved changes of muscles [off]
  NORTHSTAR_HOST/_PORT address [127.0.0.1:8787]
  NORTHSTAR_DATA_DIR   folder of the embedded stores [.northstar]
  NORTHSTAR_AUTH       none (loopback and lab mode only) or jwt [none]

Example: ENABLED_MUSCLES=echo,media_v2 northstar serve`,
    )
    .action(async (options: { muscles?: string }) => {
      const config = configFromEnvironment(options.muscles === undefined ? {} : { ENABLED_MUSCLES: options.muscles });
      await serveHttp(config);
    });
}
