import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../log/logger.ts';
import { tempFolder, type TempFolder } from '../stores/contract/temp-folder.ts';
import type { EventSpine } from '../stores/event-spine.ts';
import { InProcessHints } from '../stores/in-process-hints.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../stores/open-embedded-stores.ts';
import { StoreError } from '../stores/store-error.ts';
import { SpineChangeFeed } from './spine-change-feed.ts';

const AT = { tenantId: 't_system', stream: 'host/changes' };
let folder: TempFolder;
let stores: EmbeddedStores;
const feeds: SpineChangeFeed[] = [];

beforeEach(async () => {
  folder = await tempFolder();
  stores = await openEmbeddedStores(folder.path);
});
afterEach(async () => {
  await Promise.all(feeds.splice(0).map((feed) => feed.close()));
  await stores.close();
  await folder.remove();
});

async function join(hints = new InProcessHints(), spine: EventSpine = stores.spine, logger = silentLogger) {
  const feed = await SpineChangeFeed.open({ spine, hints, logger });
  feeds.push(feed);
  const heard: string[] = [];
  const missed = vi.fn();
  feed.on('resource', ({ uri }) => void heard.push(uri));
  feed.onMissed(missed);
  return { feed, heard, missed };
}
const change = (uri: string) => ({ kind: 'resource', tenant_id: 't_acme', uri }) as const;

test('[SCALE-03] every other host hears each change once and in order, and none hears its own', async () => {
  const hints = new InProcessHints();
  const [one, two, three] = [await join(hints), await join(hints), await join(hints)];
  for (const uri of ['a', 'b', 'c']) await one.feed.publish(change(uri));
  await two.feed.publish(change('d'));
  await vi.waitFor(() => expect(three.heard).toEqual(['a', 'b', 'c', 'd']));
  await vi.waitFor(() => expect(two.heard).toEqual(['a', 'b', 'c']));
  await vi.waitFor(() => expect(one.heard).toEqual(['d']));
});

test('[SCALE-03] changes arrive without any hint, a little later', async () => {
  const [one, two] = [await join(), await join()];
  await one.feed.publish(change('a'));
  await vi.waitFor(() => expect(two.heard).toEqual(['a']), 2000);
});

test('[SCALE-03] a host that starts hears only what comes then', async () => {
  const one = await join();
  await one.feed.publish(change('before'));
  const two = await join();
  await one.feed.publish(change('after'));
  await vi.waitFor(() => expect(two.heard).toEqual(['after']), 2000);
});

test('[SCALE-03] a store that fails for a while costs no change', async () => {
  let failing = true;
  const read: EventSpine['read'] = async (...args) => {
    if (failing) throw new StoreError('unavailable', 'gone for a while');
    return stores.spine.read(...args);
  };
  const told = vi.fn();
  const two = await join(new InProcessHints(), { ...bound(stores.spine), read }, { log: told });
  const one = await join();
  await one.feed.publish(change('a'));
  await vi.waitFor(() => expect(told).toHaveBeenCalled());
  failing = false;
  await vi.waitFor(() => expect(two.heard).toEqual(['a']), 3000);
  expect(two.missed).not.toHaveBeenCalled();
});

test('[SCALE-03] a host that was away for longer than changes are kept is told that it missed some', async () => {
  const one = await join();
  await one.feed.publish(change('start'));
  let away = false;
  const read: EventSpine['read'] = async (at, query) => {
    if (away) throw new StoreError('unavailable', 'cut off');
    return stores.spine.read(at, query);
  };
  const two = await join(new InProcessHints(), { ...bound(stores.spine), read });
  away = true;
  for (const uri of ['a', 'b']) await one.feed.publish(change(uri));
  const head = await stores.spine.head(AT);
  await stores.spine.trim(AT, { before: head?.cursor ?? '' });
  away = false;
  await vi.waitFor(() => expect(two.missed).toHaveBeenCalled(), 3000);
  await one.feed.publish(change('c'));
  await vi.waitFor(() => expect(two.heard).toEqual(['c']), 3000);
});

test('[SCALE-03] a kind of change that only a newer host knows is passed over', async () => {
  const two = await join();
  await stores.spine.append(AT, { type: 'later', data: { host: 'newer', change: { kind: 'later' } } });
  await stores.spine.append(AT, { type: 'odd', data: 'odd' });
  const one = await join();
  await one.feed.publish(change('a'));
  await vi.waitFor(() => expect(two.heard).toEqual(['a']), 2000);
});

/** The same spine with methods that can be spread. */
function bound(spine: EventSpine): EventSpine {
  return {
    caps: spine.caps,
    limits: spine.limits,
    append: (...args) => spine.append(...args),
    appendAll: (...args) => spine.appendAll(...args),
    read: (...args) => spine.read(...args),
    head: (...args) => spine.head(...args),
    trim: (...args) => spine.trim(...args),
  };
}
