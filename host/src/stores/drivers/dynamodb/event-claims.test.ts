import { afterEach, beforeEach, expect, it } from 'vitest';
import { allEvents } from '../../contract/contract-kit.ts';
import { EventClaims } from './event-claims.ts';
import type { DynamoStores } from './open-dynamo.ts';
import { startDynalite, type TestTable } from '../../../../test/engines/start-dynalite.ts';

let table: TestTable;
let a: DynamoStores;
let b: DynamoStores;
const at = { tenantId: 't_a', stream: 'log' };
const claim = EventClaims.prototype.claim;

beforeEach(async () => {
  table = await startDynalite();
  [a, b] = [await table.open(), await table.open()];
});
afterEach(async () => {
  EventClaims.prototype.claim = claim;
  await a.close();
  await b.close();
  await table.stop();
});

const append = (host: DynamoStores, eventId?: string) => host.spine.append(at, { type: 't', data: 1, eventId });

/** Runs this between what the next claimer has seen and its claim. */
function beforeNextClaim(meanwhile: (claims: EventClaims) => Promise<unknown>): void {
  EventClaims.prototype.claim = async function (...parameters) {
    EventClaims.prototype.claim = claim;
    await meanwhile(this);
    return claim.apply(this, parameters);
  };
}

const times = async (eventId: string): Promise<number> =>
  (await allEvents(a.spine, at)).filter((event) => event.eventId === eventId).length;

it('[STORE-03] does not claim an id that another host has claimed and written meanwhile', async () => {
  beforeNextClaim(async () => {
    await append(b);
    await append(b, 'once');
  });
  expect((await append(a, 'once')).duplicate).toBe(true);
  expect(await times('once')).toBe(1);
});

it('[STORE-03] does not write under a claim that a slower host has set to a place that is taken', async () => {
  await append(a);
  // As a host does that has seen the stream empty, and dies when it has claimed.
  beforeNextClaim((claims) => claim.call(claims, at, { id: 'once' }, 1));
  expect((await append(a, 'once')).duplicate).toBe(false);
  expect((await append(b, 'once')).duplicate).toBe(true);
  expect(await times('once')).toBe(1);
});
