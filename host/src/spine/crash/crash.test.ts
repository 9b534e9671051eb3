import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { allEvents, allRecords } from '../../stores/contract/contract-kit.ts';
import { tempFolder } from '../../stores/contract/temp-folder.ts';
import { openEmbeddedStores } from '../../stores/open-embedded-stores.ts';
import { VersionedStore } from '../../stores/versioned-store.ts';
import { auditStream } from '../audit-record.ts';
import { verifyAudit } from '../verify-audit.ts';
import type { Acknowledged } from './crash-writer.ts';
import { startWriter } from './start-writer.ts';

const KILLS = 50;
const at = { tenantId: 't_crash', kind: 'notes' };

it(
  `[STORE-01] [AUDIT-01] loses nothing that was acknowledged in ${KILLS} kills, and the audit chain holds after each`,
  { timeout: 180_000 },
  async () => {
    const folder = await tempFolder();
    const acknowledged: Acknowledged[] = [];
    let next = startWriter(folder.path, 'run0');
    try {
      for (let run = 1; run <= KILLS; run++) {
        const writer = next;
        writer.go();
        expect(await writer.first).toEqual({ opened: true });
        // Loads while this one writes.
        next = startWriter(folder.path, `run${run}`);
        await new Promise((wake) => setTimeout(wake, 5 + Math.random() * 75));
        const lines = await writer.kill();
        acknowledged.push(...lines);
        await expectAllThere(folder.path, run === KILLS ? acknowledged : lines);
      }
    } finally {
      await next.kill();
      await folder.remove();
    }
    expect(acknowledged.length).toBeGreaterThan(500);
    for (const kind of ['record', 'event', 'counter', 'object', 'decision', 'saved']) {
      expect(
        acknowledged.some((line) => kind in line),
        kind,
      ).toBe(true);
    }
  },
);

async function expectAllThere(folder: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  const stores = await openEmbeddedStores(folder);
  try {
    const versions = new Map((await allRecords(stores.tabular, at, { limit: 1000 })).map((r) => [r.key, r]));
    const events = await allEvents(stores.spine, { tenantId: 't_crash', stream: 'log' }, 1000);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    expect(await verifyAudit(stores, auditStream('t_crash', 'lab'))).toMatchObject({ ok: true });
    const audit = await allEvents(stores.spine, { tenantId: 't_crash', stream: 'audit/lab' }, 1000);
    const decided = new Set(audit.map(({ data }) => (data as { action: string }).action));
    const drafts = new VersionedStore(stores);
    for (const line of acknowledged) {
      if ('record' in line) expect(versions.get(line.record)?.version).toBe(line.version);
      if ('event' in line) expect(events[line.seq - 1]?.eventId).toBe(line.event);
      if ('counter' in line) expect(versions.get('counter')?.value).toBeGreaterThanOrEqual(line.counter);
      if ('decision' in line) expect(decided).toContain(line.decision);
      if ('saved' in line) expect((await drafts.get(at, 'draft', line.saved))?.value).toBe(line.value);
      if ('object' in line) {
        const found = await stores.objects.get(at, line.object);
        expect(found?.info.sha256).toBe(line.sha256);
        // Reading to the end checks the hash.
        for await (const _ of found!.body);
      }
    }
    expect(await readdir(join(folder, 'objects', 'tmp'))).toEqual([]);
  } finally {
    await stores.close();
  }
}
