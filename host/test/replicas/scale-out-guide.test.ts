import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { RESOURCE_KINDS, ROUTES_THEMSELVES } from '../../src/routing/resource-kinds.ts';
import { ROOT } from '../acceptance/repository.ts';
import { blocksOf } from '../docs/markdown.ts';
import { startS3Server } from '../engines/s3-server/s3-server.ts';
import { freshSchema, POSTGRES_URL, runSql, whyUnreachable as whyNoPostgres } from '../engines/test-postgres.ts';
import { REDIS_URL, whyUnreachable as whyNoRedis } from '../engines/test-redis.ts';

const run = promisify(execFile);
const reason = (await whyNoPostgres()) ?? (await whyNoRedis());

test.skipIf(reason !== undefined)(
  `[DOC-04] the commands of the guide start three hosts and route them${reason ? ` (skipped: ${reason})` : ''}`,
  async () => {
    const commands = blocksOf('docs/guides/scale-out.md').filter(({ flags }) => flags.includes('replicas'));
    const schema = freshSchema();
    const s3 = await startS3Server();
    const { endpoint, region, bucket, credentials } = s3;
    const folder = await mkdtemp(join(tmpdir(), 'northstar-guide-'));
    const script = commands
      .map(({ text }) => text)
      .join('\n')
      .replaceAll('"schema":"northstar"', `"schema":"${schema}"`)
      .replaceAll('postgres://root@127.0.0.1:5432/test', POSTGRES_URL)
      .replaceAll('redis://127.0.0.1:6379', REDIS_URL)
      .replaceAll(
        '"region":"eu-west-1","bucket":"acme-northstar"',
        JSON.stringify({ endpoint, region, bucket, credentials }).slice(1, -1),
      )
      .replaceAll('.northstar/', `${folder}/`)
      .replaceAll('878', String(randomInt(2000, 3200)));
    try {
      const { stdout } = await run('bash', ['-ec', `trap 'kill $(jobs -p); wait' EXIT\n${script}`], { cwd: ROOT });
      expect(stdout).not.toContain('"http_status"');
      expect(stdout).toMatch(/"resource_kind":"event_spine"[^}]*"backend":"postgres"[^}]*"reachable":true/);
      expect(stdout).toMatch(/"resource_kind":"object_store"[^}]*"backend":"s3"[^}]*"reachable":true/);
      for (const problem of ['"missing"', '"filesystem"', '"reachable":false']) expect(stdout).not.toContain(problem);
      const routed = [...stdout.matchAll(/\{"resource_kind":"([a-z_]+)"(?:,"mode":"saas")?,"backend"/g)];
      const kinds = routed.map(([, kind]) => kind);
      expect(kinds.sort()).toEqual(
        Object.keys(RESOURCE_KINDS)
          .filter((kind) => kind !== ROUTES_THEMSELVES)
          .sort(),
      );
    } finally {
      await s3.stop();
      await rm(folder, { recursive: true, force: true });
      await runSql(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    }
  },
  60_000,
);
