import type { Command } from 'commander';
import type { HostConfig } from '../config/host-config.ts';
import { jsonLogger } from '../log/logger.ts';
import { keepServing } from './keep-serving.ts';
import { closeOnSignal, configFromEnvironment, startHost } from './run-host.ts';
import { printNote } from './print.ts';

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
  NORTHSTAR_HOST/_PORT address [127.0.0.1:8787]
  NORTHSTAR_DATA_DIR   folder of the embedded stores [.northstar]
  NORTHSTAR_AUTH       none (loopback and lab mode only) or jwt [none]

Example: ENABLED_MUSCLES=echo,media_v2 northstar serve`,
    )
    .action(async (options: { muscles?: string }) => {
      const config = configFromEnvironment(options.muscles === undefined ? {} : { ENABLED_MUSCLES: options.muscles });
      const host = await startHost(config);
      keepServing(jsonLogger(process.stderr, config.logLevel));
      closeOnSignal(host);
      const url = await host.listen();
      const active = host.registry.statuses.filter((status) => status.state === 'active');
      const list = active
        .map(({ id, tools }) => `${id} (${tools.length} tool${tools.length === 1 ? '' : 's'})`)
        .join(', ');
      printNote(`northstar is ready at ${url}`);
      printNote(`  muscles  ${list || noneActive(config.enabledMuscles)}`);
      printNote(`  data     ${config.dataDir}`);
      printNote(`  connect  ${connectLine(config, url)}`);
    });
}

function noneActive(enabled: readonly string[]): string {
  return enabled.length === 0
    ? 'none active: set ENABLED_MUSCLES, such as ENABLED_MUSCLES=echo,media_v2'
    : `none active of ${enabled.join(', ')}: see above`;
}

/** Ready to paste into a terminal; with authentication the token comes from the caller's own environment. */
function connectLine({ auth, publicUrl }: HostConfig, url: string): string {
  const headers =
    auth.kind === 'jwt'
      ? ['Authorization: Bearer $NORTHSTAR_TOKEN', 'X-Mode: lab', 'X-Project-Id: p_demo']
      : ['X-Mode: lab', 'X-Tenant-Id: t_demo', 'X-Project-Id: p_demo'];
  return `claude mcp add --transport http northstar ${publicUrl ?? url}/mcp ${headers.map((header) => `--header "${header}"`).join(' ')}`;
}
