import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import type { SpineCaps } from '../../engine-caps.ts';
import type { EventSpine } from '../../event-spine.ts';
import { MAX_KEY_BYTES } from '../../key-codec.ts';
import { StoreError } from '../../store-error.ts';
import { importClient } from '../import-client.ts';
import { MAX_JSON_BYTES } from '../json-text.ts';
import { connectNats } from './connect-nats.ts';
import { NatsEventSpine } from './nats-event-spine.ts';
import { toNatsError } from './nats-error.ts';
import { NatsLog } from './nats-log.ts';

export interface NatsOptions {
  /** `nats://user:password@host:4222`, `nats://token@host:4222`, or `tls://`. */
  readonly url: string;
  /** Name of the JetStream stream, created when missing, and first token of its subjects. Default `NORTHSTAR`. */
  readonly stream?: string;
  /** Servers that keep a copy, when the stream is created; default 1. */
  readonly replicas?: number;
  /** Milliseconds after which a call fails; default 5000. */
  readonly timeoutMs?: number;
  /** Milliseconds since 1970; default `Date.now`. */
  readonly now?: () => number;
}

export interface NatsStores {
  readonly spine: EventSpine;
  /** Sends what was accepted. May be called twice. */
  close(): Promise<void>;
}

const STREAM = /^[A-Za-z0-9_-]{1,32}$/;
/** Of a message, for what is not its value: id, type and time. */
const META_BYTES = 8192;

/**
 * Events in NATS JetStream 2.9 or later, shared by any number of hosts; no records. The driver expects what the key
 * codec gives out.
 *
 * The server acknowledges before it syncs: `sync_interval` is two minutes by default, and only servers from 2.10 on
 * take `always`. A power failure may therefore lose acknowledged events unless three replicas keep them. See
 * `caps.durability`.
 *
 * @throws StoreError `unavailable`: a package is missing, the server cannot be reached or has no JetStream, or the
 * stream exists with settings that lose events.
 */
export async function openNats(options: NatsOptions): Promise<NatsStores> {
  const { url, stream = 'NORTHSTAR', replicas = 1, timeoutMs = 5000, now = Date.now } = options;
  if (!STREAM.test(stream)) throw new RangeError(`The NATS stream "${stream}" is not 1 to 32 of A-Z a-z 0-9 _ -`);
  const jetstream = await importClient('NATS', '@nats-io/jetstream', () => import('@nats-io/jetstream'));
  const connection = await connectNats(url, timeoutMs);
  try {
    const manager = await jetstream.jetstreamManager(connection, { timeout: timeoutMs });
    const config = await openStream(manager, stream, replicas);
    const client = jetstream.jetstream(connection, { timeout: timeoutMs });
    const log = new NatsLog(connection, [manager, client], stream, timeoutMs);
    const durability = config.num_replicas >= 3 ? 'replicated' : 'process';
    const caps: SpineCaps = { durability, multiProcess: true, verified: 'real', atomicAppend: false, pushTail: true };
    const maxValueBytes = Math.min(MAX_JSON_BYTES, (connection.info?.max_payload ?? 0) - META_BYTES);
    const limits = { maxValueBytes, maxKeyBytes: MAX_KEY_BYTES };
    return { spine: new NatsEventSpine(log, caps, limits, now), close: () => log.close() };
  } catch (error) {
    await connection.close();
    throw toNatsError(error, `open the stream ${stream}`, false);
  }
}

/** Creates the stream, or checks that one that exists keeps everything. */
async function openStream(manager: JetStreamManager, name: string, replicas: number): Promise<StreamConfig> {
  const wanted = { name, subjects: [`${name}.>`], num_replicas: replicas, discard: 'new' as const };
  // Answers with what is there when it exists with these settings; else it refuses, and the settings are looked at.
  const { config } = await manager.streams.add(wanted).catch(() => manager.streams.info(name));
  const keepsAll =
    config.storage === 'file' &&
    config.retention === 'limits' &&
    config.discard === 'new' &&
    config.max_age === 0 &&
    config.max_msgs_per_subject <= 0;
  if (keepsAll) return config;
  throw new StoreError(
    'unavailable',
    `The NATS stream ${name} may lose events: it needs file storage, limits retention, discard new, and neither max_age nor max_msgs_per_subject.`,
  );
}
