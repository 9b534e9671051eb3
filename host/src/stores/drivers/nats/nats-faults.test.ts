import type { Json } from '@northstar/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeEngine } from '../../../../test/engines/describe-engine.ts';
import { jetstreamManager } from '@nats-io/jetstream';
import { allData, expectCode } from '../../contract/contract-kit.ts';
import { startTcpProxy, type TcpProxy } from '../../contract/tcp-proxy.ts';
import { connectNats } from './connect-nats.ts';
import { idSubject } from './event-message.ts';
import { openNats, type NatsStores } from './open-nats.ts';
import {
  freshStream,
  NATS_URL,
  openTestNats,
  removeStream,
  whyUnreachable,
} from '../../../../test/engines/test-nats.ts';

const at = { tenantId: 't_a', stream: 'log' };
const event = (data: number, eventId?: string) => ({ type: 'counted', data, ...(eventId && { eventId }) });

it('answers with unavailable when nobody listens, and refuses a stream name with dots', async () => {
  await expectCode('unavailable', openNats({ url: 'nats://127.0.0.1:1' }));
  await expect(openNats({ url: NATS_URL, stream: 'a.b' })).rejects.toThrow(RangeError);
});

await describeEngine('nats faults', whyUnreachable, () => {
  let proxy: TcpProxy;
  let stream: string;
  let stores: NatsStores;

  beforeEach(async () => {
    const { hostname: host, port } = new URL(NATS_URL);
    proxy = await startTcpProxy({ host, port: Number(port) || 4222 });
    stream = freshStream();
    stores = await openNats({ url: `nats://127.0.0.1:${proxy.port}`, stream, timeoutMs: 400 });
  });
  afterEach(async () => {
    proxy.refuse(false);
    await stores.close();
    await proxy.close();
    await removeStream(stream);
  });

  const recovered = async (): Promise<void> => {
    for (;;) {
      if (
        await stores.spine.head(at).then(
          () => true,
          () => false,
        )
      )
        return;
      await new Promise((wake) => setTimeout(wake, 20));
    }
  };

  it('writes an append that was cut off and is repeated once', async () => {
    await stores.spine.append(at, event(0));
    proxy.muteAnswers(true);
    const cut = stores.spine.append(at, event(1, 'once')).catch((error) => error.code);
    await new Promise((wake) => setTimeout(wake, 50));
    proxy.cut();
    proxy.muteAnswers(false);
    expect(['unknown_outcome', 'unavailable']).toContain(await cut);
    await recovered();
    await stores.spine.append(at, event(1, 'once'));
    await stores.spine.append(at, event(2));
    expect(await allData(stores.spine, at)).toEqual([0, 1, 2]);
  });

  it('fails at once, with nothing written, while there is no connection', async () => {
    proxy.refuse(true);
    await new Promise((wake) => setTimeout(wake, 100));
    const start = performance.now();
    await expectCode('unavailable', stores.spine.append(at, event(1)));
    expect(performance.now() - start).toBeLessThan(100);
    proxy.refuse(false);
    await recovered();
    expect(await stores.spine.head(at)).toBeUndefined();
  });

  it('refuses calls after it was closed', async () => {
    await stores.close();
    await expectCode('unavailable', stores.spine.append(at, event(1)));
    await expectCode('unavailable', stores.spine.read(at));
  });
});

await describeEngine('nats faults', whyUnreachable, () => {
  let one: NatsStores & { stream: string };
  let two: NatsStores;

  beforeEach(async () => {
    one = await openTestNats();
    two = await openNats({ url: NATS_URL, stream: one.stream });
  });
  afterEach(async () => {
    await two.close();
    await one.close();
  });

  it('knows an id again after many others and another host, and forgets it with its event', async () => {
    const first = await one.spine.append(at, event(1, 'first'));
    for (let i = 0; i < 5; i++) await one.spine.append(at, event(i, `e${i}`));
    expect(await two.spine.append(at, event(1, 'first'))).toEqual({ ...first, duplicate: true });
    const last = await two.spine.append(at, event(9));
    await one.spine.trim(at, { before: last.cursor });
    expect(await two.spine.append(at, event(1, 'first'))).toMatchObject({ duplicate: false });
    expect(await one.spine.append(at, event(1, 'first'))).toMatchObject({ duplicate: true });
    expect(await allData(one.spine, at)).toEqual([9, 1]);
  });

  it('ignores the note of an event that is gone, as a host leaves it that dies while it trims', async () => {
    await one.spine.append(at, event(1, 'left'));
    const { cursor } = await one.spine.append(at, event(2));
    const connection = await connectNats(NATS_URL, 3000);
    connection.publish(idSubject(one.stream, at, 'ghost'), '1');
    await connection.flush();
    await (await jetstreamManager(connection)).streams.purge(one.stream, { filter: `${one.stream}.events.>`, seq: 3 });
    await connection.close();
    for (const id of ['left', 'ghost']) {
      const added = await two.spine.append(at, event(3, id));
      expect(added.duplicate).toBe(false);
      await two.spine.append(at, event(4));
      expect(await one.spine.append(at, event(3, id))).toEqual({ ...added, duplicate: true });
    }
    expect((await one.spine.read(at, { after: cursor })).events).toHaveLength(4);
  });

  describe('a reader that waits for the next page', () => {
    beforeEach(async () => {
      await one.spine.appendAll([0, 1, 2, 3, 4].map((i) => ({ at, event: event(i) })));
    });
    const dataOf = async (after: string | undefined): Promise<readonly Json[]> =>
      (await one.spine.read(at, { after, limit: 2 })).events.map(({ data }) => data);

    it('gives its page to each of two who ask', async () => {
      const after = (await one.spine.read(at, { limit: 2 })).events.at(-1)!.cursor;
      expect(await Promise.all([dataOf(after), dataOf(after)])).toEqual([
        [2, 3],
        [2, 3],
      ]);
      expect(await dataOf(after)).toEqual([2, 3]);
    });

    it('is replaced when the server has forgotten it', async () => {
      const quick = await openNats({ url: NATS_URL, stream: one.stream, timeoutMs: 300 });
      const { events } = await quick.spine.read(at, { limit: 2 });
      const connection = await connectNats(NATS_URL, 3000);
      const { consumers } = await jetstreamManager(connection);
      for await (const { name } of consumers.list(one.stream)) await consumers.delete(one.stream, name);
      await connection.close();
      const next = await quick.spine.read(at, { after: events.at(-1)!.cursor, limit: 2 });
      expect(next.events.map(({ data }) => data)).toEqual([2, 3]);
      await quick.close();
    });

    it('sees what was forgotten meanwhile', async () => {
      const { events } = await one.spine.read(at, { limit: 2 });
      await two.spine.trim(at, { before: (await two.spine.head(at))!.cursor });
      await expectCode('cursor_invalid', one.spine.read(at, { after: events.at(-1)!.cursor, limit: 2 }));
      expect(await dataOf(undefined)).toEqual([4]);
    });
  });

  it('forgets more events than one step takes', async () => {
    const { length } = await one.spine.appendAll(
      Array.from({ length: 600 }, (_, i) => ({ at, event: event(i, i % 10 ? undefined : `e${i}`) })),
    );
    const { cursor } = (await one.spine.head(at))!;
    await one.spine.trim(at, { before: cursor });
    expect(await allData(one.spine, at)).toEqual([length - 1]);
  });

  it('refuses a stream that forgets by itself', async () => {
    const name = freshStream();
    const connection = await connectNats(NATS_URL, 3000);
    const { streams } = await jetstreamManager(connection);
    await streams.add({ name, subjects: [`${name}.>`], max_age: 1e12 });
    expect((await expectCode('unavailable', openNats({ url: NATS_URL, stream: name }))).message).toContain('max_age');
    await connection.close();
    await removeStream(name);
  });
});
