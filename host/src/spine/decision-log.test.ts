import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RequestContextBuilder } from '../identity/request-context-builder.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../stores/open-embedded-stores.ts';
import { auditStream } from './audit-record.ts';
import { DecisionLog, safetyStream } from './decision-log.ts';

let folder: string;
let stores: EmbeddedStores;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'northstar-decisions-'));
  stores = await openEmbeddedStores(folder);
});
afterAll(async () => {
  await stores.close();
  await rm(folder, { recursive: true, force: true });
});

const context = new RequestContextBuilder().fromEnvironment({}, 'cli');
const facts = (id: string) => ({
  context,
  action: 'demo.read',
  toolId: 'demo',
  effects: 'read' as const,
  subject: { type: 'thing', id },
  toolDigest: 'tool',
  argumentDigest: 'arguments',
});

test.each(['plain-1', 'a/b', '\u0000', '\ud800', '../..', '__proto__', 'x'.repeat(5000), '日本'])(
  '[POL-06] a decision about the subject %j is recorded on a stream of its own',
  async (id) => {
    await new DecisionLog(stores).record(facts(id), { allowed: true }, 12.4);
    const { tenantId } = context;
    const { events } = await stores.spine.read({ tenantId, stream: safetyStream(facts(id).subject) });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'SAFETY_DECISION',
      data: { decision: 'allow', action: 'demo.read', latency_us: 12 },
    });
    const audited = await stores.spine.head(auditStream(tenantId, 'lab'));
    expect(audited?.data).toMatchObject(events[0]?.data as object);
  },
);
