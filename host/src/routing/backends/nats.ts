import { z } from 'zod';
import { defineBackend } from '../engine.ts';
import { refuseLoss } from './refuse-loss.ts';
import { name, urlOf } from './settings.ts';

/** Events only. Below three replicas NATS acknowledges before anything is on disk: refused unless the route accepts it. */
export const natsBackend = defineBackend({
  name: 'nats',
  ports: ['spine'],
  sellable: true,
  config: z.strictObject({
    url: urlOf(['nats', 'tls'], 'nats://user:password@host:4222'),
    stream: name(/^[A-Za-z0-9_-]{1,32}$/, '1 to 32 of A-Z a-z 0-9 _ -').optional(),
    replicas: z.int().min(1).max(5).optional(),
    may_lose_writes: z.boolean().default(false),
  }),
  secrets: [],
  async open({ may_lose_writes, ...config }) {
    const { openNats } = await import('../../stores/drivers/nats/open-nats.ts');
    const nats = await openNats(config);
    try {
      refuseLoss(nats.spine.caps, may_lose_writes, 'three replicas for the stream');
      return nats;
    } catch (error) {
      await nats.close();
      throw error;
    }
  },
  async openHints({ url, stream }) {
    const { openNatsHints } = await import('../../stores/hints/nats-hints.ts');
    // Not below the stream's own subjects, which JetStream would store.
    return openNatsHints({ url, ...(stream && { subject: `hints.${stream}` }) });
  },
});
