import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHostProcess } from './support/host-process.ts';
import { codeOf, httpClient, type HttpCall } from './support/http-client.ts';
import { expectNoUnhandledRejections, FIXTURES, startProbeHost, type ProbeHost } from './support/probe-host.ts';
import { CLIENTS } from './support/sdk-clients.ts';

interface Job {
  readonly job_id: string;
  readonly state: string;
  readonly result?: unknown;
  readonly error?: { readonly code: string };
}

let host: ProbeHost;
let http: HttpCall;
expectNoUnhandledRejections();
beforeAll(async () => {
  host = await startProbeHost({ plugins: [FIXTURES], muscles: ['jobs'], limits: { jobs: 3 } });
  http = httpClient(host.url, host.headers);
});
afterAll(() => host.close());

const start = async (scope: string, args = {}): Promise<Job> =>
  (await http(`/tools/${scope}`, { json: args })).json as Job;
const status = async (scope: string, { job_id }: Job, by = http): Promise<Job> =>
  (await by(`/tools/${scope}.status`, { json: { job_id } })).json as Job;
const ended = async (scope: string, job: Job): Promise<Job> => {
  for (;;) {
    const now = await status(scope, job);
    if (now.state !== 'running') return now;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

test.each(CLIENTS)('[JOB-01] a $client client starts a job, follows it, and reads its result', async ({ connect }) => {
  const client = await connect(`${host.url}/mcp`, host.headers);
  const names = (await client.listTools()).tools.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['jobs_render', 'jobs_render_status', 'jobs_render_cancel']));
  const { structuredContent: job } = await client.call('jobs_render', { frames: 3 });
  expect(job).toMatchObject({ job_id: expect.stringMatching(/^job_/), scope: 'jobs.render', state: 'running' });
  await ended('jobs.render', job as unknown as Job);
  const { structuredContent } = await client.call('jobs_render_status', { job_id: job!.job_id });
  await client.close();
  expect(structuredContent).toMatchObject({
    state: 'succeeded',
    result: { frames: 3 },
    progress: { progress: 1, total: 3, message: 'first frame' },
  });
});

test.each([
  ['jobs.breaks', 'jobs.broken'],
  ['jobs.wrong', 'muscle.invalid_result'],
  ['jobs.short', 'muscle.failed'],
])('[JOB-02] %s fails with %s', async (scope, code) => {
  expect(await ended(scope, await start(scope))).toMatchObject({ state: 'failed', error: { code } });
});

test('[JOB-02] cancelling stops the work, once, and a job that has ended stays as it ended', async () => {
  const job = await start('jobs.hang');
  const cancel = async (scope: string, { job_id }: Job) =>
    (await http(`/tools/${scope}.cancel`, { json: { job_id } })).json as Job;
  expect(await cancel('jobs.hang', job)).toMatchObject({ state: 'cancelled' });
  expect((await http('/tools/jobs.stopped', { json: {} })).json.stopped).toBeGreaterThan(0);
  expect(await status('jobs.hang', job)).toMatchObject({ state: 'cancelled' });
  const done = await start('jobs.render', { frames: 1 });
  await ended('jobs.render', done);
  expect(await cancel('jobs.render', done)).toMatchObject({ state: 'succeeded' });
});

test('[JOB-03] another tenant and another scope find no such job', async () => {
  const job = await start('jobs.render', { frames: 1 });
  const stranger = httpClient(host.url, { ...host.headers, 'X-Tenant-Id': 't_other' });
  const asked = await stranger('/tools/jobs.render.status', { json: { job_id: job.job_id } });
  expect({ status: asked.status, code: codeOf(asked) }).toEqual({ status: 404, code: 'job.not_found' });
  expect(codeOf(await http('/tools/jobs.hang.status', { json: { job_id: job.job_id } }))).toBe('job.not_found');
  expect(codeOf(await http('/tools/jobs.hang.cancel', { json: { job_id: job.job_id } }))).toBe('job.not_found');
});

test('[JOB-03] the companions are governed under their own names', async () => {
  const job = await start('jobs.render', { frames: 1 });
  const set = (engaged: boolean) =>
    http('/admin/kill-switch', {
      method: 'PUT',
      json: { target: 'scope', id: 'jobs.render.status', engaged, reason: 'test' },
    });
  await set(true);
  const asked = await http('/tools/jobs.render.status', { json: { job_id: job.job_id } });
  await set(false);
  expect(codeOf(asked)).toBe('kill_switch.engaged');
  expect(codeOf(await http('/tools/jobs.render.status', { json: {} }))).toBe('validation.failed');
});

test('[JOB-02] as many jobs as may run are running, and one more is told so', async () => {
  const jobs = await Promise.all([1, 2, 3].map(() => start('jobs.hang')));
  const more = await http('/tools/jobs.hang', { json: {} });
  expect({ status: more.status, code: codeOf(more) }).toEqual({ status: 503, code: 'overload.jobs' });
  for (const { job_id } of jobs) await http('/tools/jobs.hang.cancel', { json: { job_id } });
  expect(await ended('jobs.render', await start('jobs.render', { frames: 1 }))).toMatchObject({ state: 'succeeded' });
});

test.each(['killed', 'closed'])('[JOB-04] a job whose host was %s is interrupted, not lost', async (how) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'northstar-jobs-'));
  const env = { ENABLED_MUSCLES: 'jobs', NORTHSTAR_PLUGINS: FIXTURES, NORTHSTAR_DATA_DIR: dataDir };
  const options = { plugins: [FIXTURES], muscles: ['jobs'], dataDir };
  const first = how === 'killed' ? await startHostProcess(env) : await startProbeHost(options);
  const started = await httpClient(first.url, host.headers)('/tools/jobs.hang', { json: {} });
  await ('kill' in first ? first.kill() : first.close());
  const second = await startProbeHost(options);
  const found = await status('jobs.hang', started.json as Job, httpClient(second.url, host.headers));
  await second.close();
  await rm(dataDir, { recursive: true, force: true });
  expect(found).toMatchObject({ state: 'interrupted', error: { code: 'muscle.failed' } });
});
