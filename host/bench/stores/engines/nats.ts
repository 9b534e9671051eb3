import { randomUUID } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { Json } from '@northstar/sdk';
import { connect } from '@nats-io/transport-node';
import { freshStream, NATS_URL, openTestNats } from '../../../test/engines/test-nats.ts';
import { spineWithKeyCodec } from '../../../src/stores/with-key-codec.ts';
import { portSide, type EventSide, type Rig } from '../store-side.ts';

/** The NATS engine, and the JetStream client by hand. */
export async function openNatsRig(): Promise<Rig> {
  const stores = await openTestNats();
  const connection = await connect({ servers: new URL(NATS_URL).host });
  const manager = await jetstreamManager(connection);
  const name = freshStream();
  await manager.streams.add({ name, subjects: [`${name}.>`] });
  const used = async (stream: string): Promise<number> => (await manager.streams.info(stream)).state.bytes;
  return {
    port: portSide({ spine: spineWithKeyCodec(stores.spine) }),
    bare: bareEvents(jetstream(connection), name),
    bareDoes:
      'a publish that names the event it follows, as numbering without a gap needs; 64 callers: one after the other, ' +
      'because each has to know the number before it. Replay by an ordered consumer',
    used: { port: () => used(stores.stream), bare: () => used(name) },
    async close() {
      await manager.streams.delete(name);
      await connection.close();
      await stores.close();
    },
  };
}

function bareEvents(client: ReturnType<typeof jetstream>, name: string): EventSide {
  const subject = `${name}.events.t_bench.stream`;
  let last = 0;
  const append = async (data: Json): Promise<void> => {
    const meta = { id: randomUUID(), type: 'bench.happened', at: new Date().toISOString() };
    const payload = `${JSON.stringify(meta)}\n${JSON.stringify(data)}`;
    last = (await client.publish(subject, payload, { expect: { lastSubjectSequence: last } })).seq;
  };
  return {
    append,
    async appendTogether(batch) {
      for (const data of batch) await append(data);
    },
    async replay() {
      const consumer = await client.consumers.get(name, { filter_subjects: subject });
      const { num_pending: pending } = await consumer.info();
      let found = 0;
      while (found < pending) {
        for await (const message of await consumer.fetch({
          max_messages: Math.min(1000, pending - found),
          expires: 1000,
        })) {
          const [meta, json] = message.string().split('\n') as [string, string];
          void { seq: message.seq, ...(JSON.parse(meta) as object), data: JSON.parse(json) as unknown };
          found += 1;
        }
      }
      return found;
    },
  };
}
