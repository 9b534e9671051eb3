import type { JobRecord } from './job-store.ts';

/** Where the context of a companion scope carries its jobs; nothing that a muscle wrote gets such a context. */
export const JOBS = Symbol('northstar.jobs');

/** The jobs of one scope in the caller's tenant. */
export interface JobView {
  status(id: string): Promise<JobRecord>;
  cancel(id: string): Promise<JobRecord>;
}
