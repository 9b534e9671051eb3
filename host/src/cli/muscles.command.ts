import type { Command } from 'commander';
import { MuscleImporter } from '../muscles/muscle-importer.ts';
import { MuscleRegistry } from '../muscles/muscle-registry.ts';
import { silentLogger } from '../log/logger.ts';
import { join } from 'node:path';
import { describeMuscles } from './describe-muscles.ts';
import { printData, printNote } from './print.ts';
import { configFromEnvironment } from './run-host.ts';

export function addMusclesCommand(program: Command): void {
  program
    .command('muscles')
    .description('list the muscles that can be found here, their state, and what is wrong with them')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nLoads the enabled muscles as a host would, without starting one. A running host tells its own state at GET /admin/muscles.',
    )
    .action(async (options: { json?: boolean }) => {
      const config = configFromEnvironment();
      const registry = new MuscleRegistry({
        importer: new MuscleImporter(join(config.dataDir, 'cache')),
        logger: silentLogger,
        enabled: config.enabledMuscles,
        pluginDirs: config.pluginDirs,
        workspaceDir: config.workspaceDir,
      });
      await registry.load();
      const { statuses } = registry;
      if (options.json) printData(JSON.stringify({ muscles: statuses }, null, 2));
      else {
        const { rows, problems } = describeMuscles(statuses);
        printData(rows.join('\n') || 'no muscles found; set NORTHSTAR_PLUGINS to a folder that holds some');
        for (const line of problems) printNote(line);
      }
      await registry.close();
      if (statuses.some((status) => status.state === 'failed' || status.state === 'missing')) process.exitCode = 1;
    });
}
