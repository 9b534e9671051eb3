import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as sdk from '@northstar/sdk/testing';
import { readConfig } from '../config/read-config.ts';
import { DEFAULT_LIMITS, type HostConfig, type Limits } from '../config/host-config.ts';
import { createHost, type Host } from '../host.ts';
import { silentLogger, type Logger } from '../log/logger.ts';
import type { Gate } from '../policy/gate.ts';

/** What the SDK's `createTestHost` takes, and what only tests of the host itself need. */
export interface TestHostOptions extends sdk.TestHostOptions {
  readonly limits?: Partial<Limits>;
  readonly gates?: readonly Gate[];
  readonly logger?: Logger;
}

/** A real host on a free loopback port: all that the SDK promises of one, and its parts. */
export interface TestHost extends Omit<Host, 'close' | 'registry'>, sdk.TestHost {
  readonly registry: Host['registry'];
  readonly config: HostConfig;
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
