import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Diagnostic } from '../bind/diagnostic.ts';

/** What a host for tests serves, and with which settings. */
export interface TestHostOptions {
  /** Absolute folders: of muscles, or of one muscle. */
  readonly plugins: readonly string[];
  /** Ids to enable; the rest is left alone. */
  readonly muscles: readonly string[];
  /** Environment variables that the host reads on top of its defaults. It reads none of the process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute folder to keep data in, for tests that restart a host. Default: one of its own, removed by `close`. */
  readonly dataDir?: string;
}

/** How one muscle of a host is doing. */
export interface TestMuscleStatus {
  readonly id: string;
  /** `active` when it serves. */
  readonly state: string;
  /** Of the version that serves. */
  readonly version?: string;
  /** Names of its scopes. */
  readonly tools: readonly string[];
  /** Of the latest attempt to load it. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A real host on a free loopback port, with embedded stores. */
export interface TestHost {
  /** `http://127.0.0.1:<port>`: MCP is at `/mcp` behind it, and each scope at `/tools/<scope>`. */
  readonly url: string;
  /** The identity that most tests send: mode lab, tenant t_test, project p_test. */
  readonly headers: Record<string, string>;
  readonly registry: { readonly statuses: readonly TestMuscleStatus[] };
  /** Stops the host and removes its data, unless it was given a `dataDir`. */
  close(): Promise<void>;
}

/** What `@northstar/host/testing` exports, as far as this kit uses it. */
interface HostTesting {
  createTestHost(options: TestHostOptions): Promise<TestHost>;
}

const HOST = '@northstar/host/testing';

/**
 * Starts the real host with your muscles, for tests end to end: over MCP at `${url}/mcp`, or over HTTP. Close it after
 * the test. It takes the host that is installed for the folders of `plugins`, or for the working directory.
 *
 * Rejects with what to install where there is no `@northstar/host`, and with the host's own message where it cannot
 * start. A muscle that does not load is no reason: `registry.statuses` says why.
 */
export async function createTestHost(options: TestHostOptions): Promise<TestHost> {
  const file = findHost([...options.plugins, process.cwd(), import.meta.dirname]);
  if (file === undefined)
    throw new Error(
      'createTestHost runs the real host, and @northstar/host is not installed here. npm install --save-dev @northstar/host',
    );
  const { createTestHost: start } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as HostTesting;
  return start(options);
}

/** Looked up only when it is asked for: the SDK knows nothing of the host, and works without one. */
function findHost(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    try {
      return createRequire(join(folder, 'package.json')).resolve(HOST);
    } catch {
      // Not installed for this folder; the next one may have it.
    }
  }
  return undefined;
}
