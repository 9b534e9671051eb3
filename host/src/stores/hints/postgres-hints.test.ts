import { expect, it } from 'vitest';
import { describeEngine } from '../../../test/engines/describe-engine.ts';
import { expectCode } from '../contract/contract-kit.ts';
import { describeHintBus } from '../contract/hint-bus.contract.ts';
import { openTestPostgres, POSTGRES_URL, runSql, whyUnreachable } from '../../../test/engines/test-postgres.ts';
import { tailStream } from '../tail-stream.ts';
import { withHints } from '../with-hints.ts';
import { openPostgresHints } from './postgres-hints.ts';

/** Ends the connections that listen, as a restart of the server or a firewall does. */
async function killListeners(channel: string): Promise<number> {
  const sql = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1';
  return (await runSql(sql, [`${channel} hints`])).rows.length;
}

it('refuses a channel that would need quoting, and a server that is not there', async () => {
  await expect(openPostgresHints({ url: POSTGRES_URL, channel: 'a"b' })).rejects.toThrow(RangeError);
  await expectCode('unavailable', openPostgresHints({ url: 'postgres://root@127.0.0.1:1/test' }));
});

await describeEngine('postgres hints', whyUnreachable, () => {
  describeHintBus('postgres', async () => {
    const { spine, schema: channel, close } = await openTestPostgres();
    return {
      open: () => openPostgresHints({ url: POSTGRES_URL, channel }),
      breakConnections: () => killListeners(channel),
      spine,
      close,
    };
  });

  it('wakes the tail of another host long before it would poll', async () => {
    const at = { tenantId: 't_a', stream: 'log' };
    const stores = await openTestPostgres();
    const options = { url: POSTGRES_URL, channel: stores.schema };
    const [writing, reading] = await Promise.all([openPostgresHints(options), openPostgresHints(options)]);
    const stop = new AbortController();
    const tail = tailStream(stores.spine, reading, at, { signal: stop.signal, pollMs: 60_000 });
    const next = tail.next();
    await new Promise((wake) => setTimeout(wake, 50));
    await withHints(stores.spine, writing).append(at, { type: 't', data: 1 });
    expect((await next).value).toMatchObject({ data: 1 });
    stop.abort();
    await Promise.all([writing.close(), reading.close()]);
    await stores.close();
  });
});
