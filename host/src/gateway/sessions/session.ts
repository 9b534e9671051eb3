import type { HostServer } from '../mcp-server.ts';
import type { SessionTransport } from './session-transport.ts';

/** One 2025-era client: its transport, its server, and who may use them. */
export interface Session {
  readonly id: string;
  readonly owner: string;
  /** Who it counts for; a caller with several projects owns sessions of each. */
  readonly caller: string;
  readonly tenantId: string;
  readonly transport: SessionTransport;
  readonly host: HostServer;
}
