import type { AuthInfo } from '@modelcontextprotocol/server';
import type { ErrorStyle, ToolNames } from '../config/host-config.ts';
import type { Connection } from '../identity/connection.ts';
import type { RequestContext } from '../identity/request-context.ts';
import type { ActiveTool } from '../muscles/active-muscle.ts';

/** How one client wants to see the host. */
export interface View {
  readonly toolNames: ToolNames;
  readonly errorStyle: ErrorStyle;
  /** Scopes, or `muscle.*`; absent means all. */
  readonly tools?: readonly string[];
}

/** Who is at the other end of an MCP request, and how they want to see the host. */
export interface Caller {
  readonly context: RequestContext;
  readonly view: View;
}

export function viewOf(defaults: View, connection?: Connection): View {
  return {
    toolNames: connection?.tool_names ?? defaults.toolNames,
    errorStyle: connection?.error_style ?? defaults.errorStyle,
    ...(connection?.tools && { tools: connection.tools }),
  };
}

/** Whether a view shows a scope. What it hides cannot be called through it either. */
export function shows(
  view: View,
  item: { readonly toolId: string; readonly spec: { readonly name: string } },
): boolean {
  return (
    view.tools === undefined ||
    view.tools.some((pattern) => pattern === item.spec.name || pattern === `${item.toolId}.*`)
  );
}

export function wireName(
  view: View,
  tool: Pick<ActiveTool, 'wireName'> & { readonly spec: { readonly name: string } },
): string {
  return view.toolNames === 'dotted' ? tool.spec.name : tool.wireName;
}

/** Two requests have the same owner when they may share a session. */
export function ownerOf({ context }: Caller): string {
  return JSON.stringify([
    context.issuer,
    context.actor.type,
    context.actor.id,
    context.tenantId,
    context.projectId,
    context.mode,
  ]);
}

/** Who the caller is, whatever project it states: what one caller may open is counted by this. */
export function callerKey({ context }: Caller): string {
  return JSON.stringify([context.issuer, context.actor.type, context.actor.id, context.tenantId]);
}

/** Carries the caller through the SDK, which passes `authInfo` on untouched. The bearer token itself stays behind. */
export function toAuthInfo(caller: Caller): AuthInfo {
  return { token: '', clientId: caller.context.actor.id, scopes: [], extra: { caller } };
}

export function fromAuthInfo(authInfo: AuthInfo | undefined): Caller {
  const caller = authInfo?.extra?.caller as Caller | undefined;
  if (caller === undefined) throw new Error('an MCP request reached a handler without a caller');
  return caller;
}
