/** Sources of the enabled set, the strongest first. */
export const DECIDERS = ['operator', 'config_file', 'environment'] as const;
export type DecidedBy = (typeof DECIDERS)[number];

export interface Decision {
  readonly enabled: boolean;
  /** Absent when no source names the muscle, which means disabled. */
  readonly by?: DecidedBy;
}

export interface EnabledSources {
  /** `ENABLED_MUSCLES`; `*` in a list stands for every muscle there is. */
  readonly environment: readonly string[];
  /** `muscles.enabled` of the config file; stands in for the whole environment list when the file has it. */
  readonly configFile?: readonly string[] | undefined;
  /** What operators chose at run time, by muscle. */
  readonly choices?: ReadonlyMap<string, boolean>;
}

/**
 * Which muscles are on, and who says so. An operator's choice about a muscle beats the config file, and the config file
 * beats `ENABLED_MUSCLES`. What nobody names is off.
 */
export class EnabledSet {
  #sources: EnabledSources;

  constructor(sources: EnabledSources) {
    this.#sources = sources;
  }

  get sources(): EnabledSources {
    return this.#sources;
  }

  /** Replaces some of the sources. */
  change(sources: Partial<EnabledSources>): void {
    this.#sources = { ...this.#sources, ...sources };
  }

  decide(id: string): Decision {
    const { environment, configFile, choices } = this.#sources;
    const choice = choices?.get(id);
    if (choice !== undefined) return { enabled: choice, by: 'operator' };
    const [list, by] = configFile ? [configFile, 'config_file' as const] : [environment, 'environment' as const];
    return list.includes(id) || list.includes('*') ? { enabled: true, by } : { enabled: false };
  }

  /** Ids that a source names, on or off, whether or not there is such a muscle. */
  get named(): string[] {
    const { environment, configFile, choices } = this.#sources;
    return [...new Set([...(configFile ?? environment), ...(choices?.keys() ?? [])])].filter((id) => id !== '*');
  }
}
