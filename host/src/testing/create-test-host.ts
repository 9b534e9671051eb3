import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config/read-config.ts';
import { DEFAULT_LIMITS, type HostConfig, type Limits } from '../config/host-config.ts';
import { createHost, type Host } from '../host.ts';
import { silentLogger, type Logger } from '../log/logger.ts';
import type { Gate } from '../policy/gate.ts';

export interface TestHostOptions {
  /** Absolute folders that hold muscles. */
  readonly plugins: readonly string[];
  readonly muscles: readonly string[];
  /** Environment variables on top of the defaults: `NORTHSTAR_AUTH` and the like. */
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: Partial<Limits>;
  readonly gates?: readonly Gate[];
  readonly logger?: Logger;
  /** Keeps its data here instead of in a folder of its own; for tests that restart a host. */
  readonly dataDir?: string;
}

/** A real host on a free loopback port, with a data folder of its own. */
export interface TestHost extends Host {
  readonly url: string;
  readonly config: HostConfig;
  /** Identity headers that most tests send. */
  readonly headers: Record<string, string>;
}

/** Starts the real host with embedded stores; `close` stops it and removes its data. */
export async function createTestHost(options: TestHostOptions): Promise<TestHost> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'northstar-test-')));
  const env = {
    NORTHSTAR_PORT: '0',
    ENABLED_MUSCLES: options.muscles.join(','),
    NORTHSTAR_DATA_DIR: dataDir,
    ...options.env,
  };
  const config: HostConfig = {
    ...readConfig(env, dataDir),
    pluginDirs: options.plugins,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
  const host = await createHost(config, {
    logger: options.logger ?? silentLogger,
    ...(options.gates && { gates: options.gates }),
  });
  const url = await host.listen();
  return {
    ...host,
    url,
    config,
    headers: { 'X-Mode': 'lab', 'X-Tenant-Id': 't_test', 'X-Project-Id': 'p_test' },
    close: async () => {
      await host.close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
