import type { Environment } from '../config/environment.ts';
import { readConfig } from '../config/read-config.ts';
import type { HostConfig } from '../config/host-config.ts';
import { createHost, type Host } from '../host.ts';
import { jsonLogger } from '../log/logger.ts';
import { describeMuscles } from './describe-muscles.ts';
import { printNote } from './print.ts';

/** A failure that one line explains; the command ends with status 1 and no stack trace. */
export class CommandFailure extends Error {}

/** Settings of the environment; `defaults` stand in for variables that are not set, `overrides` for those that are. */
export function configFromEnvironment(defaults: Environment = {}, overrides: Environment = {}): HostConfig {
  return readConfig({ ...defaults, ...process.env, ...overrides }, process.cwd());
}

/** The token of whoever runs the command, for a host that authenticates. */
export function bearerToken(): string | undefined {
  return process.env.NORTHSTAR_TOKEN || undefined;
}

/** Where a host of this configuration listens. */
export function urlOfHost({ host, port }: HostConfig): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Makes a host, and fails when a muscle that must load did not. What is wrong with the others goes to stderr. */
export async function startHost(config: HostConfig): Promise<Host> {
  const host = await createHost(config, { logger: jsonLogger(process.stderr, config.logLevel) });
  for (const line of describeMuscles(host.registry.statuses).problems) printNote(line);
  const notLoaded = config.musclesMustLoad.filter(
    (id) => host.registry.statuses.find((status) => status.id === id)?.state !== 'active',
  );
  if (notLoaded.length === 0) return host;
  await host.close();
  throw new CommandFailure(
    `MUSCLES_MUST_LOAD names ${notLoaded.join(', ')}, which did not become active. Fix what is reported above, or take it off the list.`,
  );
}

/** Closes the host on Ctrl-C or a polite kill; a second signal ends the process at once. */
export function closeOnSignal(host: Host): void {
  let closing = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (closing) process.exit(1);
      closing = true;
      void host.close().then(() => process.exit(0));
    });
}
