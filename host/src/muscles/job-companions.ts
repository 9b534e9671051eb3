import { DEFAULT_TIMEOUT_MS, JOB_COMPANIONS, type Handler, type JsonSchema } from '@northstar/sdk';
import type { BoundScope, Parse } from '@northstar/sdk/bind';
import { JOBS, type JobView } from '../pipeline/jobs/job-view.ts';

/** What calling a job scope answers, and what its status does. */
export const JOB_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    job_id: { type: 'string' },
    scope: { type: 'string' },
    state: { enum: ['running', 'succeeded', 'failed', 'cancelled', 'interrupted'] },
    started_at: { type: 'string' },
    updated_at: { type: 'string' },
    progress: { type: 'object', description: 'What the job last said about how far it is.' },
    result: { description: 'What the job answered, once it has succeeded.' },
    error: { type: 'object', description: 'Why the job ended without a result: code and message.' },
  },
  required: ['job_id', 'scope', 'state', 'started_at', 'updated_at'],
};

const INPUT: JsonSchema = {
  type: 'object',
  properties: { job_id: { type: 'string', description: 'The job_id that starting the job answered.' } },
  required: ['job_id'],
  additionalProperties: false,
};

const TEXTS = {
  status: (name: string) =>
    `Tells the state, progress and result of a job that ${name} started. Call it until the state is no longer "running".`,
  cancel: (name: string) => `Stops a job that ${name} started. One that has ended already stays as it ended.`,
};

/** The scopes that the host adds to a job scope; policy governs them under names of their own. */
export function jobCompanions({ spec }: Pick<BoundScope, 'spec'>): BoundScope[] {
  return JOB_COMPANIONS.map((part) => ({
    spec: {
      name: `${spec.name}.${part}`,
      description: TEXTS[part](spec.name),
      handler: part,
      inputSchema: INPUT,
      effects: part === 'status' ? 'read' : 'write',
      kind: 'unary',
      subject: { type: 'job', id: 'job_id' },
      timeoutMs: DEFAULT_TIMEOUT_MS,
      examples: [],
    },
    handler: ((ctx: { [JOBS]: JobView }, { job_id: id }: { job_id: string }) =>
      ctx[JOBS][part](id)) as unknown as Handler,
    inputSchema: INPUT,
    outputSchema: JOB_SCHEMA,
    parseInput,
  }));
}

const parseInput: Parse = (value) => {
  const { job_id: id, ...rest } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const issues = Object.keys(rest).map((path) => ({ path, message: 'is not known' }));
  if (typeof id !== 'string' || id === '' || id.length > 100)
    issues.unshift({ path: 'job_id', message: 'required, the job_id that starting the job answered' });
  return issues.length > 0 ? { ok: false, issues } : { ok: true, value: { job_id: id } };
};
