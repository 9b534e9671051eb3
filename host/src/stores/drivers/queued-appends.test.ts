import { startCosmosServer } from '../../../test/engines/cosmos-server/start-cosmos-server.ts';
import { describeEngine, whyNotStarting } from '../../../test/engines/describe-engine.ts';
import { startDynalite } from '../../../test/engines/start-dynalite.ts';
import { startFirestoreEmulator } from '../../../test/engines/firestore-emulator/start-firestore-emulator.ts';
import { NATS_URL, openTestNats, whyUnreachable as whyNoNats } from '../../../test/engines/test-nats.ts';
import {
  openTestPostgres,
  POSTGRES_URL,
  whyUnreachable as whyNoPostgres,
} from '../../../test/engines/test-postgres.ts';
import { describeQueuedAppends } from '../contract/queued-appends.contract.ts';
import { openCosmos } from './cosmos/open-cosmos.ts';
import { openDynamo } from './dynamodb/open-dynamo.ts';
import { openFirestore } from './firestore/open-firestore.ts';
import { openNats } from './nats/open-nats.ts';
import { openPostgres } from './postgres/open-postgres.ts';

/** More than half of what these engines put into one commit or message. */
const LARGE = { events: 1, bytes: 300_000 };

await describeEngine('postgres queues', whyNoPostgres, () => {
  const start = async () => {
    const { schema, close } = await openTestPostgres();
    const { hostname: host, port } = new URL(POSTGRES_URL);
    const open = (address: string, timeoutMs: number) => {
      const url = Object.assign(new URL(POSTGRES_URL), { host: address }).href;
      return openPostgres({ url, schema, pool: 5, timeoutMs });
    };
    return { host, port: Number(port) || 5432, open, close };
  };
  describeQueuedAppends('postgres', start, { events: 300, bytes: 10 });
});

await describeEngine('nats queues', whyNoNats, () => {
  const start = async () => {
    const { stream, close } = await openTestNats();
    const { hostname: host, port } = new URL(NATS_URL);
    const open = (address: string, timeoutMs: number) => openNats({ url: `nats://${address}`, stream, timeoutMs });
    return { host, port: Number(port) || 4222, open, close };
  };
  describeQueuedAppends('nats', start, LARGE);
});

await describeEngine('firestore queues', whyNotStarting(startFirestoreEmulator), () => {
  const start = async () => {
    const emulator = await startFirestoreEmulator();
    const { hostname: host, port } = new URL(`http://${emulator.host}`);
    const open = (emulatorHost: string, timeoutMs: number) =>
      openFirestore({ projectId: 'demo', emulatorHost, timeoutMs });
    return { host, port: Number(port), open, close: async () => emulator.stop() };
  };
  describeQueuedAppends('firestore', start, LARGE);
});

await describeEngine('dynamodb queues', whyNotStarting(startDynalite), () => {
  const start = async () => {
    const { options, stop } = await startDynalite();
    const { hostname: host, port } = new URL(options.endpoint!);
    const open = (address: string, requestTimeout: number) =>
      openDynamo({ ...options, endpoint: `http://${address}` }, { timeouts: { requestTimeout } });
    return { host, port: Number(port), open, close: stop };
  };
  describeQueuedAppends('dynamodb', start, LARGE);
});

await describeEngine('cosmos queues', whyNotStarting(startCosmosServer), () => {
  const start = async () => {
    const { endpoint, key, stop } = await startCosmosServer();
    const { hostname: host, port } = new URL(endpoint);
    const place = { key, database: 'host', container: 'stores', emulator: true };
    const open = (address: string, timeoutMs: number) =>
      openCosmos({ endpoint: `http://${address}/`, ...place, timeoutMs });
    return { host, port: Number(port), open, close: stop };
  };
  describeQueuedAppends('cosmos', start, LARGE);
});
