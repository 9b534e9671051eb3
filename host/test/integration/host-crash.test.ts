import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tempFolder } from '../../src/stores/contract/temp-folder.ts';
import { NORTHSTAR, ROOT } from '../acceptance/repository.ts';
import { startHostProcess } from './support/host-process.ts';

const KILLS = 5;
const CALLERS = 6;
const HEADERS = { 'X-Mode': 'lab', 'X-Tenant-Id': 't_a', 'X-Project-Id': 'p_a', 'Content-Type': 'application/json' };

/** What a host has answered with success, and so must still be there. */
interface Acknowledged {
  readonly events: Map<string, number>;
  readonly assets: Map<string, string>;
  readonly requests: string[];
}

test(
  `[STORE-01] [AUDIT-01] a host that is killed ${KILLS} times under calls keeps all that it answered`,
  { timeout: 180_000 },
  async () => {
    const folder = await tempFolder();
    const env = { ENABLED_MUSCLES: 'echo,media_v2', NORTHSTAR_DATA_DIR: folder.path };
    const acknowledged: Acknowledged = { events: new Map(), assets: new Map(), requests: [] };
    let host = await startHostProcess(env);
    try {
      for (let run = 1; run <= KILLS; run++) {
        const calls = Array.from({ length: CALLERS }, (_, caller) =>
          callUntilGone(host.url, `${run}-${caller}`, acknowledged),
        );
        await new Promise((wake) => setTimeout(wake, 100 + Math.random() * 400));
        await host.kill();
        await Promise.all(calls);
        const { stdout } = await promisify(execFile)(process.execPath, [NORTHSTAR, 'audit', 'verify'], {
          cwd: ROOT,
          env: { PATH: process.env.PATH, ...env },
        });
        expect(stdout).toMatch(/^t_a +lab +whole/m);
        host = await startHostProcess(env);
        await expectAllThere(host.url, acknowledged);
      }
    } finally {
      await host.kill();
      await folder.remove();
    }
    expect(acknowledged.events.size).toBeGreaterThan(KILLS);
    expect(acknowledged.assets.size).toBeGreaterThan(KILLS);
  },
);

/** Appends events and creates assets in turn until the host does not answer any more. */
async function callUntilGone(url: string, name: string, { events, assets, requests }: Acknowledged): Promise<void> {
  const post = async <T>(path: string, body: object): Promise<T> => {
    const response = await fetch(url + path, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) });
    const answer = (await response.json()) as T;
    expect(response.ok, JSON.stringify(answer)).toBe(true);
    requests.push(response.headers.get('x-request-id')!);
    return answer;
  };
  for (let i = 0; ; i++) {
    const id = `${name}-${i}`;
    try {
      const event = { stream: 'log', type: 't', data: id, event_id: id };
      events.set(id, (await post<{ seq: number }>('/events/append', event)).seq);
      const asset = { name: `${id}.txt`, text: id };
      assets.set((await post<{ asset_id: string }>('/tools/media_v2.create_asset', asset)).asset_id, id);
    } catch (error) {
      // What fetch throws when the other side is gone; anything else is a finding.
      if (error instanceof TypeError || error instanceof SyntaxError) return;
      throw error;
    }
  }
}

async function expectAllThere(url: string, { events, assets, requests }: Acknowledged): Promise<void> {
  const seqs = new Map<string, number>();
  for await (const event of pages(`${url}/events/replay?stream=log`, 'events')) {
    expect(seqs.has(event.event_id)).toBe(false);
    seqs.set(event.event_id, event.seq);
  }
  for (const [id, seq] of events) expect([id, seqs.get(id)]).toEqual([id, seq]);
  const audited = new Set<unknown>();
  for await (const { data } of pages(`${url}/audit?`, 'records')) audited.add(data.request_id);
  expect(requests.filter((id) => !audited.has(id))).toEqual([]);
  for (const [id, text] of assets) {
    const content = await fetch(`${url}/media-v2/assets/${id}/content`, { headers: HEADERS });
    expect([content.status, await content.text()]).toEqual([200, text]);
  }
}

interface Row {
  readonly seq: number;
  readonly event_id: string;
  readonly data: { readonly request_id?: string };
}

async function* pages(url: string, rows: 'events' | 'records'): AsyncGenerator<Row> {
  let cursor = '';
  for (let more = true; more;) {
    const response = await fetch(`${url}&limit=500${cursor && `&cursor=${cursor}`}`, { headers: HEADERS });
    const page = (await response.json()) as { more: boolean; next_cursor: string } & Record<typeof rows, Row[]>;
    yield* page[rows];
    ({ more, next_cursor: cursor } = page);
  }
}
