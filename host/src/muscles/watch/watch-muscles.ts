import { basename, dirname } from 'node:path';
import { watch } from 'chokidar';
import type { HostConfig } from '../../config/host-config.ts';
import { errorFields, type Logger } from '../../log/logger.ts';
import type { Muscles } from '../open-muscles.ts';
import { MuscleWatcher } from './muscle-watcher.ts';
import { QuietBatch } from './quiet-batch.ts';

interface Watching {
  close(): Promise<void>;
}

/** Watches what the configuration asks for: the config file where there is one, and the muscles with `watch`. */
export async function watchMuscles(
  config: HostConfig,
  { registry, control, logger }: Muscles & { logger: Logger },
): Promise<Watching> {
  const { configFile, pluginDirs, workspaceDir } = config;
  const watching: Watching[] = [];
  if (configFile)
    watching.push(await watchFile(configFile, { logger, changed: () => void control.refreshConfigFile() }));
  if (config.watch) watching.push(await MuscleWatcher.start({ registry, logger, pluginDirs, workspaceDir }));
  return { close: async () => void (await Promise.all(watching.map((part) => part.close()))) };
}

/** Milliseconds of quiet after which the file is read; what a burst leaves behind is read once more by the last event. */
const QUIET_MS = 60;

/** Watches the folder of a file, since a file that is replaced, as editors and Kubernetes do it, is another file. */
async function watchFile(
  path: string,
  { logger, changed }: { logger: Logger; changed: () => void },
): Promise<Watching> {
  const batch = new QuietBatch({ quietMs: QUIET_MS, mostMs: 500, run: changed });
  const watcher = watch(dirname(path), { ignoreInitial: true, depth: 0 });
  const own = new Set([basename(path), '..data']);
  watcher.on('all', (_event, changedPath) => own.has(basename(changedPath)) && batch.add(changedPath));
  watcher.on('raw', (_event, changedPath) => own.has(basename(changedPath)) && batch.add(changedPath));
  watcher.on('error', (error) => logger.log('error', 'watching the config file failed', errorFields(error)));
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return {
    close: async () => {
      batch.close();
      await watcher.close();
    },
  };
}
