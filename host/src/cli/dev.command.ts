import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describeEvent } from './describe-event.ts';
import { printNote } from './print.ts';
import { configFromEnvironment } from './run-host.ts';
import { serveHttp } from './serve-http.ts';

export function addDevCommand(program: Command): void {
  program
    .command('dev')
    .description('serve, and take up every saved change of a muscle at once')
    .option('--plugins <folders>', 'folders with muscles, or one muscle; separated like PATH')
    .option('--muscles <ids>', 'what to enable; without it ENABLED_MUSCLES, or every muscle there is')
    .addHelpText(
      'after',
      `
Runs in a folder of muscles or in the folder of one. A save that does not load leaves the version before it serving and
says what is wrong. Takes the settings of northstar serve.

Example: northstar dev --plugins ./plugins`,
    )
    .action(async (options: { plugins?: string; muscles?: string }) => {
      const here = existsSync(join(process.cwd(), 'spec.yaml')) ? { NORTHSTAR_PLUGINS: '.' } : {};
      const config = configFromEnvironment(
        { ...here, ENABLED_MUSCLES: '*' },
        {
          NORTHSTAR_WATCH: 'on',
          ...(options.plugins !== undefined && { NORTHSTAR_PLUGINS: options.plugins }),
          ...(options.muscles !== undefined && { ENABLED_MUSCLES: options.muscles }),
        },
      );
      const { registry } = await serveHttp(config);
      printNote(`  watching ${config.pluginDirs.join(', ')}`);
      registry.onEvent((event) => {
        for (const line of describeEvent(event)) printNote(line);
      });
    });
}
