/** The host as a library: what the command line is made of. */
export { readConfig } from './config/read-config.ts';
export { DEFAULT_LIMITS, type HostConfig, type Limits } from './config/host-config.ts';
export { createHost, type Host, type HostOptions } from './host.ts';
export { ERROR_TABLE, type ErrorCode } from './errors/error-table.ts';
export type { ErrorEnvelope } from './errors/error-envelope.ts';
export { jsonLogger, silentLogger, type Logger } from './log/logger.ts';
