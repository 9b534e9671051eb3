import { stricter } from '../../config/read-isolation.ts';
import { join } from 'node:path';
import type { HostConfig, IsolationConfig } from '../../config/host-config.ts';
import type { ActivationLimits } from '../activate.ts';
import type { Logger } from '../../log/logger.ts';
import { activateIsolated, type IsolatedActivation, type ParsedMuscle } from './activate-isolated.ts';
import { IsolatePool } from './isolate-pool.ts';

export interface IsolateActivatorParts extends IsolationConfig {
  readonly logger: Logger;
  /** Where isolates keep transformed sources. */
  readonly cacheDir: string;
  readonly limits: ActivationLimits & { readonly resultBytes: number };
}

/** Puts each muscle where its spec asks for, or where the operator demands, whichever protects more. */
export class IsolateActivator {
  readonly #parts: IsolateActivatorParts;
  readonly #pool: IsolatePool;

  constructor(parts: IsolateActivatorParts) {
    this.#parts = parts;
    this.#pool = new IsolatePool(parts);
  }

  /** Undefined for a muscle that runs in the host. Never throws. */
  async activate(parsed: ParsedMuscle): Promise<IsolatedActivation | undefined> {
    const { least, byMuscle, groups, cacheDir, limits } = this.#parts;
    const { importMs, setupMs, resultBytes } = limits;
    const { id, isolation, isolationGroup } = parsed.spec;
    const demanded = Object.hasOwn(byMuscle, id) ? byMuscle[id] : undefined;
    const mode = stricter(stricter(isolation, least), demanded ?? 'inline');
    if (mode === 'inline') return undefined;
    const isolate = this.#pool.place(mode, groups ? isolationGroup : undefined);
    return activateIsolated(parsed, { isolate, cacheDir, limits: { importMs, setupMs }, resultBytes });
  }

  /** Ends every isolate. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}

export function openIsolates(
  { isolation, dataDir, limits }: Pick<HostConfig, 'isolation' | 'dataDir' | 'limits'>,
  logger: Logger,
): IsolateActivator {
  const cacheDir = join(dataDir, 'cache');
  return new IsolateActivator({ ...isolation, logger, cacheDir, limits });
}
