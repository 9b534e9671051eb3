import { readConfigFile } from '../../config/config-file.ts';
import { errorFields, type Logger } from '../../log/logger.ts';
import type { ChangeFeed, MusclesChange } from '../../spine/change-feed.ts';
import type { MuscleRegistry } from '../muscle-registry.ts';
import type { MuscleStatus } from '../muscle-status.ts';
import type { ChoiceStore } from './choice-store.ts';
import type { EnabledSet } from './enabled-set.ts';

export interface MuscleControlParts {
  readonly registry: MuscleRegistry;
  readonly enabled: EnabledSet;
  readonly choices: ChoiceStore;
  readonly changes: ChangeFeed;
  readonly logger: Logger;
  /** Absolute path; absent where none is used. */
  readonly configFile?: string | undefined;
}

/** What the enabled set is made of, for whoever asks why a muscle is on or off. */
export interface EnabledReport {
  readonly environment: readonly string[];
  readonly config_file?: {
    readonly path: string;
    /** Absent when the file leaves the say to the environment. */
    readonly enabled?: readonly string[];
    /** Why what is on disk now is not in force; the last good content is. */
    readonly problem?: string;
  };
  readonly operator: { readonly enabled: readonly string[]; readonly disabled: readonly string[] };
}

/** The one path by which muscles are turned on and off while the host runs, whoever says so. */
export class MuscleControl {
  readonly #parts: MuscleControlParts;
  #configProblem: string | undefined;

  constructor(parts: MuscleControlParts) {
    this.#parts = parts;
    const follow = (change?: MusclesChange): void => void this.#follow(change);
    parts.changes.on('muscles', follow);
    parts.changes.onMissed(() => follow());
  }

  /** The sources, the strongest last. */
  get sources(): EnabledReport {
    const { environment, configFile, choices = new Map<string, boolean>() } = this.#parts.enabled.sources;
    const chosen = (wanted: boolean): string[] =>
      [...choices].flatMap(([id, enabled]) => (enabled === wanted ? [id] : [])).sort();
    const { configFile: path } = this.#parts;
    const problem = this.#configProblem;
    return {
      environment,
      ...(path && { config_file: { path, ...(configFile && { enabled: configFile }), ...(problem && { problem }) } }),
      operator: { enabled: chosen(true), disabled: chosen(false) },
    };
  }

  /** Reads every source and loads what is on. Rejects when one cannot be read, with a ConfigError for the file. */
  async start(): Promise<void> {
    const { configFile: path, enabled, registry } = this.#parts;
    if (path !== undefined) enabled.change({ configFile: (await readConfigFile(path)).muscles?.enabled });
    await this.#readChoices();
    await registry.load();
  }

  /** Stores the choice first: one that a restart forgets would be worse than one that failed. */
  async choose(id: string, enabled: boolean, actor: string): Promise<MuscleStatus | undefined> {
    const { choices } = this.#parts;
    await choices.save({ muscle_id: id, enabled, updated_by: actor, updated_at: new Date().toISOString() });
    await this.#tellOthers({ kind: 'muscles' });
    await this.refreshChoices();
    return this.#parts.registry.status(id);
  }

  /** Leaves the muscle to the config file and the environment again. */
  async forget(id: string): Promise<MuscleStatus | undefined> {
    const before = this.#parts.registry.status(id);
    await this.#parts.choices.remove(id);
    await this.#tellOthers({ kind: 'muscles' });
    await this.refreshChoices();
    // Nothing but the choice spoke of it.
    return this.#parts.registry.status(id) ?? (before && { id, state: 'missing', tools: [], diagnostics: [] });
  }

  /** Loads a muscle again even if nothing has changed. Undefined for an id that is neither found nor asked for. */
  async reload(id: string): Promise<MuscleStatus | undefined> {
    await this.#tellOthers({ kind: 'muscles', reload: id });
    return this.#parts.registry.reload(id);
  }

  /** Takes up what is stored now, for instance after another host of the same control store has changed it. */
  async refreshChoices(): Promise<void> {
    await this.#readChoices();
    await this.#parts.registry.applyEnabled();
  }

  /** Takes up what the config file says now. One that cannot be used changes nothing, and is told. */
  async refreshConfigFile(): Promise<void> {
    const { configFile: path, enabled, registry, logger } = this.#parts;
    if (path === undefined) return;
    try {
      enabled.change({ configFile: (await readConfigFile(path)).muscles?.enabled });
      this.#configProblem = undefined;
    } catch (error) {
      this.#configProblem = error instanceof Error ? error.message : String(error);
      logger.log('error', 'config file refused, the last good content stays in force', errorFields(error));
      return;
    }
    await registry.applyEnabled();
  }

  /** Does here what an operator told another host. */
  async #follow(change: MusclesChange | undefined): Promise<void> {
    try {
      await this.refreshChoices();
      if (change?.reload !== undefined) await this.#parts.registry.reload(change.reload);
    } catch (error) {
      this.#parts.logger.log('error', "another host's muscles are not followed", errorFields(error));
    }
  }

  /** The choice is stored, so it holds for the others from their next start at the latest. */
  async #tellOthers(change: MusclesChange): Promise<void> {
    await this.#parts.changes.publish(change).catch((error: unknown) => {
      this.#parts.logger.log('warn', 'other hosts were not told of a choice', errorFields(error));
    });
  }

  async #readChoices(): Promise<void> {
    const stored = await this.#parts.choices.list();
    this.#parts.enabled.change({ choices: new Map(stored.map((choice) => [choice.muscle_id, choice.enabled])) });
  }
}
