import type { Command } from 'commander';
import type { HostConfig } from '../config/host-config.ts';
import { createHost } from '../host.ts';
import { silentLogger } from '../log/logger.ts';
import type { MuscleControl } from '../muscles/enabled/muscle-control.ts';
import type { MuscleRegistry } from '../muscles/muscle-registry.ts';
import type { MuscleStatus } from '../muscles/muscle-status.ts';
import { StoreError } from '../stores/store-error.ts';
import { askControlPlane, type HostRequest } from './call-running-host.ts';
import { describeMuscles } from './describe-muscles.ts';
import { printData, printNote } from './print.ts';
import { CommandFailure, configFromEnvironment, urlOfHost } from './run-host.ts';

interface Options {
  readonly json?: boolean;
  readonly url?: string;
}
interface Muscles {
  readonly registry: MuscleRegistry;
  readonly control: MuscleControl;
}
type Verb = 'enable' | 'disable' | 'reload' | 'forget';

const VERBS: Record<Verb, string> = {
  enable: 'turn a muscle on; the choice is kept over restarts, and beats config file and ENABLED_MUSCLES',
  disable: 'turn a muscle off; the choice is kept over restarts, and beats config file and ENABLED_MUSCLES',
  reload: 'load a muscle again, as it is on disk now',
  forget: 'take back a choice of enable or disable, and leave the muscle to config file and ENABLED_MUSCLES',
};

export function addMusclesCommand(program: Command): void {
  const muscles = program
    .command('muscles')
    .description('list the muscles, and turn them on and off')
    .addHelpText(
      'after',
      `
Asks the host that runs on this data folder, or the one at --url. Where none runs, the muscles are loaded as a host
would load them, and choices hold from the next start. A host that authenticates needs NORTHSTAR_TOKEN of an operator
of t_system.`,
    );
  withOptions(muscles.command('list', { isDefault: true }))
    .description('list the muscles that can be found, their state, and what is wrong with them')
    .action(async (options: Options) => {
      const answer = await askHost(options, {
        remote: { method: 'GET', path: '/admin/muscles' },
        local: async ({ registry }) => ({ muscles: registry.statuses }),
      });
      printMuscles(answer.muscles, {
        ...options,
        none: 'no muscles found; set NORTHSTAR_PLUGINS to a folder that holds some',
      });
      if (answer.muscles.some(({ state }) => state === 'failed' || state === 'stale' || state === 'missing'))
        process.exitCode = 1;
    });
  for (const verb of Object.keys(VERBS) as Verb[])
    withOptions(muscles.command(`${verb} <id>`))
      .description(VERBS[verb])
      .action(async (id: string, options: Options) => {
        const status = await askHost(options, {
          remote: { method: 'POST', path: `/admin/muscles/${encodeURIComponent(id)}/${verb}` },
          local: (host) => toggle(host, verb, id),
        });
        if (options.json) printData(JSON.stringify(status, null, 2));
        else printMuscles([status], {});
        const reached = verb === 'disable' ? ['disabled', 'retiring'] : ['active'];
        if (verb !== 'forget' && !reached.includes(status.state))
          throw new CommandFailure(`${id} is ${status.state} after ${verb}.`);
      });
}

function withOptions(command: Command): Command {
  return command.option('--json', 'print JSON').option('--url <url>', 'a running host to ask');
}

async function toggle({ control }: Muscles, verb: Verb, id: string): Promise<MuscleStatus> {
  const acts: Record<Verb, () => Promise<MuscleStatus | undefined>> = {
    enable: () => control.choose(id, true, 'cli'),
    disable: () => control.choose(id, false, 'cli'),
    reload: () => control.reload(id),
    forget: () => control.forget(id),
  };
  const status = await acts[verb]();
  if (status === undefined)
    throw new CommandFailure(`No muscle is called ${id}; northstar muscles lists the ones there are.`);
  return status;
}

/** Of the running host where there is one; otherwise of one that is made for this question and does not listen. */
async function askHost<T>(
  { url }: Options,
  ask: { remote: HostRequest; local: (muscles: Muscles) => Promise<T> },
): Promise<T> {
  const config: HostConfig = configFromEnvironment();
  if (url !== undefined) return askControlPlane<T>(url, ask.remote, config.stdio);
  const host = await createHost({ ...config, watch: false }, { logger: silentLogger }).catch((error: unknown) => {
    if (error instanceof StoreError && error.code === 'unavailable') return undefined;
    throw error;
  });
  if (host === undefined) return askControlPlane<T>(urlOfHost(config), ask.remote, config.stdio);
  try {
    return await ask.local(host);
  } finally {
    await host.close();
  }
}

function printMuscles(statuses: readonly MuscleStatus[], { json, none }: Options & { none?: string }): void {
  if (json) return printData(JSON.stringify({ muscles: statuses }, null, 2));
  const { rows, problems } = describeMuscles(statuses);
  printData(rows.join('\n') || (none ?? ''));
  for (const line of problems) printNote(line);
}
