import type { Era, Row } from './bench-rows.ts';

/** What the load process is asked to do. */
export interface LoadJob {
  readonly url: string;
  readonly era: Era;
  readonly method: Row['method'];
  readonly tools: readonly string[];
  readonly connections: number;
  readonly durationMs: number;
  /** Goes on beyond the duration until this many were sent. */
  readonly minRequests: number;
}

/** What it measured; every answer of the block was right. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type LoadReply =
  { readonly ok: true; readonly result: LoadResult } | { readonly ok: false; readonly reason: string };
