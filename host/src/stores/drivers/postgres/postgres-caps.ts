import type { EngineCaps, EngineLimits } from '../../engine-caps.ts';
import { MAX_KEY_BYTES } from '../../key-codec.ts';
import { MAX_JSON_BYTES } from '../json-text.ts';
import type { PostgresEngine } from './postgres-engine.ts';

export const POSTGRES_LIMITS: EngineLimits = { maxValueBytes: MAX_JSON_BYTES, maxKeyBytes: MAX_KEY_BYTES };

/** Characters of JSON in one page. A page of 1000 records of 4 MiB each would otherwise be 4 GB in memory. */
export const PAGE_BYTES = 16 * 1024 * 1024;

/** What the server promises is in its settings: with `fsync` or `synchronous_commit` off it loses acknowledged writes. */
export async function postgresCaps(engine: PostgresEngine): Promise<EngineCaps> {
  const [settings] = await engine.read<{ fsync: string; commit: string; standbys: string }>('read its settings', {
    text: `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
                  current_setting('synchronous_standby_names') AS standbys`,
  });
  const { fsync, commit, standbys } = settings!;
  const synced = fsync === 'on' && commit !== 'off';
  const replicated = synced && standbys !== '' && commit !== 'local';
  return { durability: replicated ? 'replicated' : synced ? 'fsync' : 'process', multiProcess: true, verified: 'real' };
}
