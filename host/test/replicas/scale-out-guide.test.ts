import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT } from '../acceptance/repository.ts';
import { blocksOf } from '../docs/markdown.ts';
import { freshSchema, POSTGRES_URL, runSql, whyUnreachable as whyNoPostgres } from '../engines/test-postgres.ts';
import { REDIS_URL, whyUnreachable as whyNoRedis } from '../engines/test-redis.ts';

const run = promisify(execFile);
const reason = (await whyNoPostgres()) ?? (await whyNoRedis());

test.skipIf(reason !== undefined)(
  `[DOC-04] the commands of the guide start three hosts and route them${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    const commands = blocksOf('docs/guides/scale-out.md').filter(({ flags }) => flags.includes('replicas'));
    const schema = freshSchema();
    const folder = await mkdtemp(join(tmpdir(), 'northstar-guide-'));
    const script = commands
      .map(({ text }) => text)
      .join('\n')
      .replaceAll('"schema":"northstar"', `"schema":"${schema}"`)
      .replaceAll('postgres://root@127.0.0.1:5432/test', POSTGRES_URL)
      .replaceAll('redis://127.0.0.1:6379', REDIS_URL)
      .replaceAll('.northstar/', `${folder}/`)
      .replaceAll('878', String(randomInt(2000, 3200)));
    try {
      const { stdout } = await run('bash', ['-ec', `trap 'kill $(jobs -p); wait' EXIT\n${script}`], { cwd: ROOT });
      expect(stdout).not.toContain('"http_status"');
      expect(stdout).toMatch(/"resource_kind":"event_spine"[^}]*"backend":"postgres"[^}]*"reachable":true/);
    } finally {
      await rm(folder, { recursive: true, force: true });
      await runSql(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    }
  },
  60_000,
);
