import { ConfigError } from '../config/config-error.ts';
import type { EngineSetting } from '../config/host-config.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import type { EventSpine } from '../stores/event-spine.ts';
import type { TabularStore } from '../stores/tabular-store.ts';
import type { EngineTarget } from './engine.ts';
import type { EnginePool } from './engine-pool.ts';
import { parseConfig } from './parse-config.ts';

/** The engine that hosts share for their own records, open. */
export interface ControlStore {
  readonly target: EngineTarget;
  readonly engine: { readonly tabular: TabularStore; readonly spine: EventSpine; readonly objects?: never };
}

const INSTEAD = 'use postgres, dynamodb, firestore or redis';

/**
 * Opens the engine that NORTHSTAR_CONTROL_STORE names.
 *
 * @throws ConfigError when hosts could not share it: an engine of one machine, without records or events, with settings
 * that it never takes, or one that may show a host what another has replaced.
 * @throws StoreError when it does not answer.
 */
export async function openControlStore(target: EngineSetting, pool: EnginePool): Promise<ControlStore> {
  assertSetting('NORTHSTAR_CONTROL_STORE', target, pool);
  const { sellable, ports } = pool.backend(target.backend);
  if (!sellable) throw refused(target, `which lives on one machine; leave it out for a single host, or ${INSTEAD}`);
  if (!ports.includes('tabular') || !ports.includes('spine'))
    throw refused(target, `which does not keep both records and events; ${INSTEAD}`);
  const { tabular, spine } = await pool.engine(target);
  if (!tabular || !spine) throw refused(target, `which does not keep both records and events; ${INSTEAD}`);
  if (!tabular.caps.multiProcess)
    throw refused(
      target,
      'where one host may read what another has replaced already: set the default consistency of the Cosmos DB ' +
        `account to Strong, or ${INSTEAD}`,
    );
  return { target, engine: { tabular, spine } };
}

/** @throws ConfigError that names the variable, when there is no such engine or it never takes these settings. */
export function assertSetting(variable: string, { backend, config }: EngineTarget, pool: EnginePool): void {
  try {
    parseConfig(pool.backend(backend), config);
  } catch (error) {
    throw error instanceof NorthstarError ? new ConfigError([`${variable}: ${error.message}`]) : error;
  }
}

function refused({ backend }: EngineTarget, why: string): ConfigError {
  return new ConfigError([`NORTHSTAR_CONTROL_STORE names ${backend}, ${why}.`]);
}
