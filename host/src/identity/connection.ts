import type { Mode } from '@northstar/sdk';
import type { ErrorStyle, ToolNames } from '../config/host-config.ts';

/**
 * An operator-made record for clients that cannot send headers, served at `/c/{connection_id}/mcp`. It fixes identity
 * and appearance; where authentication is on, the bearer token is still needed and must agree.
 */
export interface Connection {
  readonly connection_id: string;
  readonly mode: Mode;
  readonly tenant_id: string;
  readonly project_id: string;
  readonly surface_id?: string;
  /** Scopes, or `muscle.*`; absent means all. Filters what is listed and what can be called. */
  readonly tools?: readonly string[];
  readonly tool_names?: ToolNames;
  readonly error_style?: ErrorStyle;
}
