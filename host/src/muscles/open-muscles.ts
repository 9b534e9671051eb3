import { join } from 'node:path';
import type { HostConfig } from '../config/host-config.ts';
import type { Logger } from '../log/logger.ts';
import type { ChangeFeed } from '../spine/change-feed.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import { ChoiceStore } from './enabled/choice-store.ts';
import { EnabledSet } from './enabled/enabled-set.ts';
import { MuscleControl } from './enabled/muscle-control.ts';
import { openIsolates } from './isolation/isolate-activator.ts';
import { MuscleImporter } from './muscle-importer.ts';
import { MuscleRegistry } from './muscle-registry.ts';
import { LoadMemory } from './start/load-memory.ts';

export interface Muscles {
  readonly registry: MuscleRegistry;
  readonly control: MuscleControl;
}

export interface OpenMusclesParts {
  /** The control store, where operators' choices are. */
  readonly records: TabularStore;
  readonly changes: ChangeFeed;
  readonly logger: Logger;
}

/** Wires what loads, serves and toggles muscles. Nothing is loaded until `control.start()`. */
export function openMuscles(config: HostConfig, parts: OpenMusclesParts): Muscles {
  const { logger, changes } = parts;
  const enabled = new EnabledSet({ environment: config.enabledMuscles });
  const registry = new MuscleRegistry({
    importer: new MuscleImporter(join(config.dataDir, 'cache')),
    memory: new LoadMemory(join(config.dataDir, 'cache', 'loads')),
    isolates: openIsolates(config, logger),
    logger,
    enabled,
    pluginDirs: config.pluginDirs,
    workspaceDir: config.workspaceDir,
    limits: config.limits,
  });
  const choices = new ChoiceStore(parts.records);
  return {
    registry,
    control: new MuscleControl({ registry, enabled, choices, changes, logger, configFile: config.configFile }),
  };
}
