import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HintBus } from '../hint-bus.ts';
import type { EventSpine } from '../event-spine.ts';
import { tailStream } from '../tail-stream.ts';
import { withHints } from '../with-hints.ts';
import { allData, freshTenant, inTurn } from './contract-kit.ts';
import { HOSTILE_KEYS, REFUSED_KEYS } from './hostile-names.ts';

/** Hint buses of several hosts on one engine, and what a fault does to it. */
export interface OpenedHints {
  /** One more host on the same engine. The suite closes it. */
  open(): Promise<HintBus>;
  /** Breaks every connection, as a restart of the server does. */
  breakConnections(): Promise<unknown>;
  /** Events whose tail the hints wake, on a connection that `breakConnections` leaves alone. */
  readonly spine: EventSpine;
  close(): Promise<unknown>;
}

const soon = { timeout: 5000, interval: 5 };

/** What the host relies on in a hint bus that connects replicas. A bus's test calls it in one line. */
export function describeHintBus(name: string, start: () => Promise<OpenedHints>): void {
  describe(`hints: ${name}`, () => {
    let engine: OpenedHints;
    let here: HintBus;
    let there: HintBus;
    let topic: string;
    let topics = 0;

    beforeAll(async () => {
      engine = await start();
      here = await engine.open();
      there = await engine.open();
    });
    afterAll(async () => {
      await Promise.all([here?.close(), there?.close()]);
      await engine?.close();
    });
    beforeEach(() => {
      topic = `stream/t_a/orders ${++topics}`;
    });

    /** Resolves when a hint on another topic has come through: what was published before it has come by then. */
    const settled = async (from: HintBus, to: HintBus): Promise<void> => {
      const wake = vi.fn();
      const leave = to.subscribe('settled', wake);
      from.publish('settled');
      await vi.waitFor(() => expect(wake).toHaveBeenCalled(), soon);
      leave();
    };

    /** Resolves when hints pass again. One that is sent while its sender's connection is away is lost, as it may be. */
    const passing = async (from: HintBus, to: HintBus): Promise<void> => {
      const wake = vi.fn();
      const leave = to.subscribe('passing', wake);
      const publishing = setInterval(() => from.publish('passing'), 20);
      // More than once: the first may be the wake-up of everybody when the receiver's connection is back.
      const heard = vi.waitFor(() => expect(wake.mock.calls.length).toBeGreaterThan(2), soon);
      await heard.finally(() => clearInterval(publishing));
      leave();
    };

    it('wakes who subscribed to the topic, here at once and on the other host soon', async () => {
      const [near, far, other] = [vi.fn(), vi.fn(), vi.fn()];
      here.subscribe(topic, near);
      there.subscribe(topic, far);
      there.subscribe(`${topic}0`, other);
      here.publish(topic);
      expect(near).toHaveBeenCalledTimes(1);
      await vi.waitFor(() => expect(far).toHaveBeenCalled(), soon);
      await settled(here, there);
      expect(other).not.toHaveBeenCalled();
    });

    it('does not bring a host its own hint back', async () => {
      const near = vi.fn();
      here.subscribe(topic, near);
      here.publish(topic);
      await settled(here, there);
      await settled(there, here);
      expect(near).toHaveBeenCalledTimes(1);
    });

    it('carries nothing but the wake-up', async () => {
      const far = vi.fn();
      there.subscribe(topic, far);
      here.publish(topic);
      await vi.waitFor(() => expect(far).toHaveBeenCalled(), soon);
      expect(far.mock.calls[0]).toEqual([]);
    });

    it('takes a burst on one topic together, and many topics at once', async () => {
      const far = vi.fn();
      there.subscribe(topic, far);
      for (let i = 0; i < 1000; i++) here.publish(topic);
      const many = Array.from({ length: 2000 }, (_, i) => {
        const wake = vi.fn();
        there.subscribe(`${topic}/${i}`, wake);
        return wake;
      });
      many.forEach((_, i) => here.publish(`${topic}/${i}`));
      await vi.waitFor(() => many.forEach((wake) => expect(wake).toHaveBeenCalled()), soon);
      await settled(here, there);
      expect(far.mock.calls.length).toBeGreaterThanOrEqual(1);
      expect(far.mock.calls.length).toBeLessThan(20);
    });

    it('takes any text as a topic', async () => {
      const names = [...HOSTILE_KEYS, ...REFUSED_KEYS.filter((key) => !/\p{Cs}/u.test(key)), 'x'.repeat(100_000)];
      const wakes = names.map((text) => {
        const wake = vi.fn();
        there.subscribe(`${topic}${text}`, wake);
        return wake;
      });
      for (const text of names) here.publish(`${topic}${text}`);
      await vi.waitFor(() => wakes.forEach((wake) => expect(wake).toHaveBeenCalled()), soon);
      expect(() => here.publish('\ud800')).not.toThrow();
    });

    it('wakes nobody who has left, and lets one leave twice', async () => {
      const [left, stayed] = [vi.fn(), vi.fn()];
      const leave = there.subscribe(topic, left);
      there.subscribe(topic, stayed);
      leave();
      leave();
      here.publish(topic);
      await vi.waitFor(() => expect(stayed).toHaveBeenCalled(), soon);
      expect(left).not.toHaveBeenCalled();
    });

    it('comes back after every lost connection, and wakes everybody for what was missed', async () => {
      const wake = vi.fn();
      there.subscribe(topic, wake);
      for (let round = 0; round < 3; round++) {
        await engine.breakConnections();
        // Not published: waking everybody is what makes up for the hints that were lost.
        await vi.waitFor(() => expect(wake).toHaveBeenCalled(), soon);
        here.publish(topic);
        const publishing = setInterval(() => here.publish(topic), 20);
        wake.mockClear();
        await vi.waitFor(() => expect(wake).toHaveBeenCalled(), soon);
        clearInterval(publishing);
        await settled(here, there);
        wake.mockClear();
      }
    });

    it('[STORE-06] tails on without loss while connections are cut 3 times', async () => {
      const { spine: bare, breakConnections } = engine;
      const at = { tenantId: freshTenant(), stream: 'log' };
      const spine = withHints(bare, here);
      const stop = new AbortController();
      const seen: unknown[] = [];
      const tail = async (): Promise<void> => {
        for await (const { data } of tailStream(bare, there, at, { signal: stop.signal, pollMs: 200 })) {
          seen.push(data);
          if (seen.length === 60) stop.abort();
        }
      };
      const tailing = tail();
      await inTurn(60, async (data) => {
        await spine.append(at, { type: 't', data });
        if (data % 20 === 10) await breakConnections();
        await new Promise((wake) => setTimeout(wake, 10));
      });
      await tailing;
      expect(seen).toEqual(await allData(bare, at));
      await passing(here, there);
    });

    it('is silent once it is closed', async () => {
      const bus = await engine.open();
      const [wake, far] = [vi.fn(), vi.fn()];
      bus.subscribe(topic, wake);
      there.subscribe(topic, far);
      bus.publish(topic);
      wake.mockClear();
      await bus.close();
      await bus.close();
      bus.publish(topic);
      here.publish(topic);
      await settled(here, there);
      expect(wake).not.toHaveBeenCalled();
    });
  });
}
