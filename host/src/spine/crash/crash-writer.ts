/**
 * A host that writes until it is killed, for the crash test. Waits for a line on stdin, so that it can be loaded ahead
 * of its turn. Prints one line of JSON per acknowledged write, after the acknowledgement. Arguments: data folder, name
 * of the run.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { RequestContext } from '../../identity/request-context.ts';
import { openEmbeddedStores } from '../../stores/open-embedded-stores.ts';
import { StoreError } from '../../stores/store-error.ts';
import { VersionedStore } from '../../stores/versioned-store.ts';
import { DecisionLog } from '../decision-log.ts';

export type Acknowledged =
  | { readonly opened: true }
  | { readonly refused: string }
  | { readonly record: string; readonly version: string }
  | { readonly event: string; readonly seq: number }
  | { readonly counter: number }
  | { readonly decision: string }
  | { readonly saved: number; readonly value: string }
  | { readonly object: string; readonly sha256: string };

const [folder = '', run = ''] = process.argv.slice(2);
const acknowledge = (line: Acknowledged): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
const at = { tenantId: 't_crash', kind: 'notes' };
const stream = { tenantId: 't_crash', stream: 'log' };

async function write(): Promise<void> {
  await once(process.stdin, 'data');
  const stores = await openEmbeddedStores(folder);
  const { tabular, spine, objects } = stores;
  const decisions = new DecisionLog(stores);
  const drafts = new VersionedStore(stores);
  acknowledge({ opened: true });
  const forever = async (work: (name: string) => Promise<void>, writer: string): Promise<void> => {
    for (let i = 0; ; i++) await work(`${run}/${writer}/${i}`);
  };
  const record = async (key: string): Promise<void> => {
    const { version } = await tabular.put(at, key, { key, filler: 'x'.repeat(300) }, { ifVersion: 'absent' });
    acknowledge({ record: key, version });
  };
  const event = async (id: string): Promise<void> => {
    const { seq } = await spine.append(stream, { type: 'written', data: { id }, eventId: id });
    acknowledge({ event: id, seq });
  };
  const count = async (): Promise<void> => {
    const before = await tabular.get<number>(at, 'counter');
    const next = (before?.value ?? 0) + 1;
    await tabular.put(at, 'counter', next, { ifVersion: before?.version ?? 'absent' });
    acknowledge({ counter: next });
  };
  const decision = async (action: string): Promise<void> => {
    const context: RequestContext = {
      tenantId: 't_crash',
      mode: 'lab',
      actor: { type: 'user', id: 'u1', roles: [] },
      projectId: 'p',
      issuer: 'none',
      transport: 'cli',
      requestId: action,
    };
    await decisions.record(
      { context, action, toolId: 'demo', effects: 'read' as const, toolDigest: '', argumentDigest: '' },
      { allowed: true },
      1,
    );
    acknowledge({ decision: action });
  };
  const save = async (value: string): Promise<void> => {
    const { version } = await drafts.save(at, 'draft', value);
    acknowledge({ saved: version, value });
  };
  const object = async (key: string): Promise<void> => {
    const { sha256 } = await objects.put(at, key, randomBytes(50_000), { mediaType: 'application/octet-stream' });
    acknowledge({ object: key, sha256 });
  };
  const writers = [
    forever(record, 'a'),
    forever(record, 'b'),
    forever(event, 'c'),
    forever(event, 'd'),
    forever(decision, 'g'),
    forever(decision, 'h'),
  ];
  await Promise.all([...writers, forever(count, 'e'), forever(object, 'f'), forever(save, 'i')]);
}

write().catch((error: unknown) => {
  acknowledge({ refused: error instanceof StoreError ? `${error.code}: ${error.message}` : String(error) });
  process.exitCode = 1;
});
