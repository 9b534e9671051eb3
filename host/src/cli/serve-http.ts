import type { HostConfig } from '../config/host-config.ts';
import type { Host } from '../host.ts';
import { jsonLogger } from '../log/logger.ts';
import { countTools, describeSources } from './describe-muscles.ts';
import { keepServing } from './keep-serving.ts';
import { printNote } from './print.ts';
import { closeOnSignal, startHost } from './run-host.ts';

/** Serves over HTTP until a signal comes, and says on stderr how to reach it. */
export async function serveHttp(config: HostConfig): Promise<Host> {
  const host = await startHost(config);
  keepServing(jsonLogger(process.stderr, config.logLevel), host.registry);
  closeOnSignal(host);
  const url = await host.listen();
  const active = host.registry.statuses.filter((status) => status.state === 'active');
  const list = active.map(({ id, tools }) => `${id} (${countTools(tools)})`).join(', ');
  printNote(`northstar is ready at ${url}`);
  printNote(`  muscles  ${list || noneActive(host)}`);
  printNote(`  data     ${config.dataDir}`);
  printNote(`  connect  ${connectLine(config, url)}`);
  printNote(`  enabled  by ${describeSources(host.control.sources)}`);
  return host;
}

function noneActive({ registry }: Host): string {
  const wanted = registry.statuses.filter(({ state }) => state !== 'disabled').map(({ id }) => id);
  return wanted.length === 0
    ? 'none active: set ENABLED_MUSCLES, such as ENABLED_MUSCLES=echo,media_v2'
    : `none active of ${wanted.join(', ')}: see above`;
}

/** Ready to paste into a terminal; with authentication the token comes from the caller's own environment. */
function connectLine({ auth, publicUrl }: HostConfig, url: string): string {
  const headers =
    auth.kind === 'jwt'
      ? ['Authorization: Bearer $NORTHSTAR_TOKEN', 'X-Mode: lab', 'X-Project-Id: p_demo']
      : ['X-Mode: lab', 'X-Tenant-Id: t_demo', 'X-Project-Id: p_demo'];
  return `claude mcp add --transport http northstar ${publicUrl ?? url}/mcp ${headers.map((header) => `--header "${header}"`).join(' ')}`;
}
