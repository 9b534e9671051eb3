import type { Isolation, Mode } from '@northstar/sdk';
import type { LogLevel } from '../log/logger.ts';
import type { RetentionConfig } from './retention-config.ts';

export type ToolNames = 'underscore' | 'dotted';
/** Whether tools/list shows what the caller can never call. */
export type ListedTools = 'all' | 'callable';
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

/** A data file of the operator. */
export interface DataFile {
  /** Absolute. */
  readonly path: string;
  /** Named by the operator, so it must be there. Otherwise it is where such a file lies by default. */
  readonly required: boolean;
}

export interface Limits {
  /** Bytes of a JSON body. */
  readonly bodyBytes: number;
  /** Calls running at once, all tenants together. */
  readonly inFlight: number;
  /** Jobs running at once, all tenants together. */
  readonly jobs: number;
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
  /** Milliseconds that importing a muscle's code may take. */
  readonly importMs: number;
  /** Milliseconds that a muscle's `setup` may take. */
  readonly setupMs: number;
  /** Milliseconds that calls on a replaced version of a muscle may still run. */
  readonly drainMs: number;
  /** Milliseconds that a muscle's `dispose` may take. */
  readonly disposeMs: number;
  /** Muscles loaded at once. */
  readonly loadsAtOnce: number;
  /** Bytes that a binary result may have to be inlined as base64 over MCP. */
  readonly inlineBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 4 * 1024 * 1024,
  inFlight: 512,
  jobs: 128,
  sessions: 1000,
  sessionsPerCaller: 100,
  sessionIdleMs: 30 * 60 * 1000,
  subscriptions: 1000,
  resultBytes: 4 * 1024 * 1024,
  importMs: 10_000,
  setupMs: 10_000,
  drainMs: 30_000,
  disposeMs: 5_000,
  loadsAtOnce: 4,
  inlineBytes: 1024 * 1024,
};

/** An engine as the environment names it, before its backend has checked the config. */
export interface EngineSetting {
  readonly backend: string;
  readonly config: unknown;
}

/** An OpenTelemetry collector that takes OTLP over HTTP. */
export interface TracesConfig {
  /** Where spans are posted: `http://collector:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

/** What the operator demands of muscles, on top of what their specs ask for. */
export interface IsolationConfig {
  /** The least isolation of every muscle. */
  readonly least: Isolation;
  /** The least isolation of some, by id. */
  readonly byMuscle: Readonly<Record<string, Isolation>>;
  /** Whether muscles whose specs name one group share a thread or process. */
  readonly groups: boolean;
  /** MiB of JavaScript heap of one thread or process. */
  readonly heapMb: number;
  /** The whole environment of isolated muscles. */
  readonly env: Readonly<Record<string, string>>;
}

/** Everything the host was told at start, checked and frozen. */
export interface HostConfig {
  readonly enabledMuscles: readonly string[];
  readonly musclesMustLoad: readonly string[];
  /** Absolute path of the file whose settings may change while the host runs. */
  readonly configFile?: string;
  /** Whether saved changes of muscles are taken up by themselves. */
  readonly watch: boolean;
  /** Absolute folders that hold muscles. */
  readonly pluginDirs: readonly string[];
  /** Absolute folder whose package.json may name muscle packages. */
  readonly workspaceDir: string;
  readonly host: string;
  readonly port: number;
  /** Absolute folder of the embedded stores. */
  readonly dataDir: string;
  readonly auth: AuthConfig;
  /** What calls cost. */
  readonly priceBook: DataFile;
  /** What tenants may be entitled to. */
  readonly plans: DataFile;
  /** Engine of the host's own records, for several hosts that share one; absent means the data folder. */
  readonly controlStore?: EngineSetting;
  /** Engine that carries wake-ups between hosts; absent means the control store's own, where it can. */
  readonly hints?: EngineSetting;
  /** What is forgotten of event streams; absent means nothing. */
  readonly retention?: RetentionConfig;
  readonly toolNames: ToolNames;
  readonly errorStyle: ErrorStyle;
  readonly listedTools: ListedTools;
  /** What clients call where a proxy stands in front: scheme and host, `https://gateway.example.com`. */
  readonly publicUrl?: string;
  /** Host header names served beside the loopback ones, without port. */
  readonly allowedHosts: readonly string[];
  /** Whole origins, `https://app.example`, allowed beside the loopback ones. */
  readonly allowedOrigins: readonly string[];
  readonly logLevel: LogLevel;
  /** Where spans go; absent means no tracing. */
  readonly traces?: TracesConfig;
  readonly stdio: StdioIdentity;
  readonly limits: Limits;
  readonly isolation: IsolationConfig;
}

export const MODES: readonly Mode[] = ['lab', 'saas', 'enterprise'];
