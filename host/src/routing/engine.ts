import type { z } from 'zod';
import type { EventSpine } from '../stores/event-spine.ts';
import type { HintBus } from '../stores/hint-bus.ts';
import type { ObjectStore } from '../stores/object-store.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import type { StorePort } from './resource-kinds.ts';

/** An open engine: the ports that it offers, as its driver made them, without the key codec. */
export interface Engine {
  readonly tabular?: TabularStore;
  readonly spine?: EventSpine;
  readonly objects?: ObjectStore;
  close(): Promise<void>;
}

/** What an engine needs from the host to open. */
export interface OpenEngine {
  /** Absolute folder for spooled uploads; on the machine, not shared. */
  readonly spoolDir: string;
  /** The records of another engine, where an object engine keeps names. */
  readonly tabularOf: (target: EngineTarget) => Promise<TabularStore>;
}

export interface EngineTarget {
  readonly backend: string;
  readonly config: unknown;
}

/** A kind of engine that routes can name. Its client library is loaded when the first route needs it. */
export interface Backend<Config = unknown> {
  readonly name: string;
  readonly ports: readonly StorePort[];
  /** False for engines of one machine: they serve `lab` only. */
  readonly sellable: boolean;
  readonly config: z.ZodType<Config>;
  /** Settings that must not be shown: passwords, keys. URLs lose their password as well. */
  readonly secrets: readonly string[];
  open(config: Config, host: OpenEngine): Promise<Engine>;
  /** Wake-ups between hosts through this engine, where it can carry them. */
  openHints?(config: Config): Promise<HintBus>;
}

/** Keeps the config type between schema and open, and forgets it outside. */
export function defineBackend<Config>(backend: Backend<Config>): Backend {
  return backend as unknown as Backend;
}
