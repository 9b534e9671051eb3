import { join } from 'node:path';
import type { Diagnostic } from '@northstar/sdk/bind';
import { errorFields, type Logger } from '../log/logger.ts';
import { activate } from './activate.ts';
import type { ActiveMuscle } from './active-muscle.ts';
import { separateCollisions, type Contender } from './collisions.ts';
import { discoverMuscles, type FoundMuscle } from './discover.ts';
import type { MuscleImporter } from './muscle-importer.ts';
import { makeSnapshot, type Snapshot } from './snapshot.ts';

export type MuscleState = 'disabled' | 'missing' | 'active' | 'failed';

/** What operators see of one muscle. */
export interface MuscleStatus {
  readonly id: string;
  readonly state: MuscleState;
  readonly version?: string;
  readonly tools: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface RegistryParts {
  readonly importer: MuscleImporter;
  readonly logger: Logger;
  readonly enabled: readonly string[];
  readonly pluginDirs: readonly string[];
  readonly workspaceDir: string;
}

/** Holds the snapshot in force and what became of each muscle. Publishing is one assignment. */
export class MuscleRegistry {
  readonly #parts: RegistryParts;
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  #current: Snapshot = makeSnapshot(0, []);
  #statuses: readonly MuscleStatus[] = [];

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  get current(): Snapshot {
    return this.#current;
  }

  /** In id order: what was found, and what was asked for and not found. */
  get statuses(): readonly MuscleStatus[] {
    return this.#statuses;
  }

  /** Calls back after every swap; returns how to stop. */
  onChange(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Discovers, activates what is enabled, and publishes what works. A muscle that fails hides no other. */
  async load(): Promise<void> {
    const { enabled, importer, pluginDirs, workspaceDir } = this.#parts;
    const found = await discoverMuscles(pluginDirs, workspaceDir);
    const wanted = found.filter(({ id }) => enabled.includes(id));
    const statuses = new Map<string, MuscleStatus>();
    for (const id of enabled) statuses.set(id, missing(id));
    for (const { id } of found)
      if (!enabled.includes(id)) statuses.set(id, { id, state: 'disabled', tools: [], diagnostics: [] });

    const contenders: Contender[] = [];
    for (const muscle of wanted) {
      const { muscle: active, diagnostics } = await activate(muscle, importer);
      // Of two folders with one id the first stands; collisions below report the second.
      if (active === undefined || statuses.get(muscle.id)?.state !== 'active')
        statuses.set(muscle.id, statusOf(muscle, active, diagnostics));
      if (active) contenders.push({ muscle: active, file: join(muscle.dir, 'spec.yaml') });
    }
    const { accepted, refused } = separateCollisions(contenders);
    for (const { contender, diagnostics } of refused) {
      const { id } = contender.muscle.spec;
      const twin = accepted.some((other) => other.muscle.spec.id === id);
      const before = statuses.get(id);
      statuses.set(id, {
        id,
        state: twin ? 'active' : 'failed',
        tools: twin ? (before?.tools ?? []) : [],
        diagnostics: [...(before?.diagnostics ?? []), ...diagnostics],
      });
      await this.#dispose(contender.muscle);
    }
    this.#statuses = [...statuses.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.publish(accepted.map(({ muscle }) => muscle));
  }

  /** Makes these muscles the ones served, from the next call on. */
  publish(muscles: readonly ActiveMuscle[]): void {
    this.#current = makeSnapshot(this.#current.generation + 1, muscles);
    for (const listener of this.#listeners) listener(this.#current);
  }

  async close(): Promise<void> {
    const { muscles } = this.#current;
    this.#current = makeSnapshot(this.#current.generation + 1, []);
    for (const muscle of muscles) await this.#dispose(muscle);
  }

  async #dispose(muscle: ActiveMuscle): Promise<void> {
    try {
      await muscle.dispose();
    } catch (error) {
      this.#parts.logger.log('error', 'dispose failed', { muscle: muscle.spec.id, ...errorFields(error) });
    }
  }
}

function missing(id: string): MuscleStatus {
  return { id, state: 'missing', tools: [], diagnostics: [] };
}

function statusOf(
  found: FoundMuscle,
  active: ActiveMuscle | undefined,
  diagnostics: readonly Diagnostic[],
): MuscleStatus {
  return {
    id: found.id,
    state: active ? 'active' : 'failed',
    ...(active && { version: active.spec.version }),
    tools: active?.tools.map((tool) => tool.spec.name) ?? [],
    diagnostics,
  };
}
