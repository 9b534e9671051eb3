import type { Mode } from '@northstar/sdk';
import type { LogLevel } from '../log/logger.ts';
import type { RetentionConfig } from './retention-config.ts';

export type ToolNames = 'underscore' | 'dotted';
export type ErrorStyle = 'jsonrpc' | 'result';

export type AuthConfig =
  | { readonly kind: 'none' }
  | { readonly kind: 'jwt'; readonly jwksUrl: string; readonly issuer: string; readonly audience: string };

/** Identity of a stdio process: one process serves one caller. */
export interface StdioIdentity {
  readonly mode?: string;
  readonly tenantId?: string;
  readonly projectId?: string;
  readonly userId?: string;
}

export interface Limits {
  /** Bytes of a JSON body. */
  readonly bodyBytes: number;
  /** Calls running at once, all tenants together. */
  readonly inFlight: number;
  /** Open MCP sessions of 2025-era clients. */
  readonly sessions: number;
  /** Open sessions of one caller: subject and tenant, all projects together. */
  readonly sessionsPerCaller: number;
  /** Milliseconds without a request after which a session is closed. */
  readonly sessionIdleMs: number;
  /** Open `subscriptions/listen` streams. */
  readonly subscriptions: number;
  /** Bytes of JSON in one tool result. */
  readonly resultBytes: number;
  /** Bytes that a binary result may have to be inlined as base64 over MCP. */
  readonly inlineBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 4 * 1024 * 1024,
  inFlight: 512,
  sessions: 1000,
  sessionsPerCaller: 100,
  sessionIdleMs: 30 * 60 * 1000,
  subscriptions: 1000,
  resultBytes: 4 * 1024 * 1024,
  inlineBytes: 1024 * 1024,
};

/** Everything the host was told at start, checked and frozen. */
export interface HostConfig {
  readonly enabledMuscles: readonly string[];
  readonly musclesMustLoad: readonly string[];
  /** Absolute folders that hold muscles. */
  readonly pluginDirs: readonly string[];
  /** Absolute folder whose package.json may name muscle packages. */
  readonly workspaceDir: string;
  readonly host: string;
  readonly port: number;
  /** Absolute folder of the embedded stores. */
  readonly dataDir: string;
  readonly auth: AuthConfig;
  /** Engine of the host's own records, for several hosts that share one; absent means the data folder. */
  readonly controlStore?: { readonly backend: string; readonly config: unknown };
  /** What is forgotten of event streams; absent means nothing. */
  readonly retention?: RetentionConfig;
  readonly toolNames: ToolNames;
  readonly errorStyle: ErrorStyle;
  /** What clients call where a proxy stands in front: scheme and host, `https://gateway.example.com`. */
  readonly publicUrl?: string;
  /** Host header names served beside the loopback ones, without port. */
  readonly allowedHosts: readonly string[];
  /** Whole origins, `https://app.example`, allowed beside the loopback ones. */
  readonly allowedOrigins: readonly string[];
  readonly logLevel: LogLevel;
  readonly stdio: StdioIdentity;
  readonly limits: Limits;
}

export const MODES: readonly Mode[] = ['lab', 'saas', 'enterprise'];
