import assert from 'node:assert/strict';
import type { CallOutcome, ClientSession, RealClient, Target } from './client-session.ts';
import type { Row } from './report.ts';

const TEXT = 'Stored by a real client.\n';

/** Connects, and records which protocol revision was agreed on. */
export async function connect(row: Row, client: RealClient, target: Target): Promise<ClientSession | undefined> {
  let session: ClientSession | undefined;
  await row.step('connect', async () => {
    session = await client.open(target);
    assert.equal(session.revision, client.revision);
    return session.revision;
  });
  return session;
}

/** While the caller holds no licence: discovery, an open tool, an open read scope, and the refusal. */
export async function beforeGrant(row: Row, session: ClientSession): Promise<void> {
  await row.step('discover', async () => {
    const names = await session.toolNames();
    for (const name of ['echo_ping', 'media_v2_create_asset', 'media_v2_list_assets'])
      assert.ok(names.includes(name), `tools/list lacks ${name}: ${names.join(', ')}`);
    return `${names.length} tools`;
  });
  await row.step('echo', async () => {
    const { structured } = answerOf(await session.call('echo_ping', { message: row.client }));
    assert.equal((structured as { message: string }).message, row.client);
    return 'echoed';
  });
  await row.step('list open', async () => `${(await listAssets(session)).length} assets`);
  await row.step('refused 403', async () => checkRefusal(await createAsset(session, row), 'error'));
}

/** The same refusal where the operator chose the result style. */
export async function refusedAsResult(row: Row, client: RealClient, target: Target): Promise<void> {
  await row.step('as result', async () => {
    const session = await client.open(target);
    try {
      return checkRefusal(await createAsset(session, row), 'result');
    } finally {
      await session.close();
    }
  });
}

/** Once the operator granted the licence: the call goes through, its link can be read, and the list shows it. */
export async function afterGrant(row: Row, session: ClientSession): Promise<void> {
  let uri = '';
  let assetId = '';
  await row.step('granted', async () => {
    const { structured, links } = answerOf(await createAsset(session, row));
    assetId = (structured as { asset_id: string }).asset_id;
    assert.equal(links.length, 1, `one resource_link expected: ${links.join(', ')}`);
    uri = links[0] ?? '';
    return assetId;
  });
  await row.step('read link', async () => {
    assert.notEqual(uri, '', 'there is no link to read');
    assert.equal(await session.readText(uri), TEXT);
    return uri;
  });
  await row.step('still open', async () => {
    const assets = await listAssets(session);
    assert.ok(
      assets.some((asset) => asset.asset_id === assetId),
      `the list lacks ${assetId || 'the asset'}`,
    );
    return `${assets.length} assets`;
  });
}

function createAsset(session: ClientSession, row: Row): Promise<CallOutcome> {
  const name = `${row.client} over ${row.transport}`;
  return session.call('media_v2_create_asset', { name, text: TEXT, tags: ['real-clients'] });
}

async function listAssets(session: ClientSession): Promise<{ asset_id: string }[]> {
  const { structured } = answerOf(await session.call('media_v2_list_assets', {}));
  return (structured as { assets: { asset_id: string }[] }).assets;
}

function answerOf(outcome: CallOutcome): Extract<CallOutcome, { kind: 'answer' }> {
  if (outcome.kind === 'answer') return outcome;
  throw new Error(`refused with ${outcome.status} ${outcome.code} (${outcome.shown})`);
}

function checkRefusal(outcome: CallOutcome, carrier: 'error' | 'result'): string {
  if (outcome.kind === 'answer') throw new Error('the call went through, though the caller holds no licence');
  assert.equal(outcome.carrier, carrier);
  assert.equal(outcome.status, 403);
  assert.equal(outcome.code, 'firearms.missing_grant');
  return outcome.shown;
}
