import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { jsonLogger, type Logger } from '../../../src/log/logger.ts';
import { createTestHost, type TestHost, type TestHostOptions } from '../../../src/testing/index.ts';

export const FIXTURES = join(import.meta.dirname, '../../fixtures/muscles');

export interface ProbeHost extends TestHost {
  /** Lines that the host has logged so far. */
  readonly logged: string[];
}

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

/** Registers the check that nothing of what ran in this file was rejected unheard. */
export function expectNoUnhandledRejections(): void {
  afterAll(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(rejections).toEqual([]);
  });
}

/** The real host with the fixture muscles and a log that can be read. */
export async function startProbeHost(options: Partial<TestHostOptions> = {}): Promise<ProbeHost> {
  const logged: string[] = [];
  const logger: Logger = jsonLogger({ write: (line: string) => logged.push(line) }, 'debug');
  const host = await createTestHost({ plugins: [FIXTURES], muscles: ['probe', 'neighbour'], logger, ...options });
  return { ...host, logged };
}
