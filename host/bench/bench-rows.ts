import { SDK_TOOL, toolNames } from './generate-muscles.ts';

/** Tool counts that Northstar is measured with. */
export const TOOL_COUNTS = [10, 100, 1000] as const;

export type Era = '2026-07-28' | '2025-11-25';

/** One line of the table: who is asked what. */
export interface Row {
  readonly key: string;
  readonly label: string;
  readonly server: string;
  readonly path: string;
  readonly era: Era;
  readonly method: 'tools/call' | 'tools/list';
  /** Names that calls take turns at, and that a list must hold. */
  readonly tools: readonly string[];
  /** Keys of the rows that this one is compared with. */
  readonly sdkKey: string;
  readonly fewToolsKey?: string;
}

export const SDK_SERVER = 'sdk';
export const northstarServer = (tools: number): string => `northstar-${tools}`;

export const FEW_TOOLS_KEY = 'call-2026-10';
export const MANY_TOOLS_KEY = 'call-2026-1000';

/** All rows, in the order in which one round measures them. */
export function benchRows(): Row[] {
  return [
    sdkRow('2026-07-28', '/mcp'),
    ...TOOL_COUNTS.map((count) => callRow('2026-07-28', count)),
    sdkRow('2025-11-25', '/session'),
    ...TOOL_COUNTS.map((count) => callRow('2025-11-25', count)),
    ...TOOL_COUNTS.map(listRow),
  ];
}

const year = (era: Era): string => era.slice(0, 4);

function sdkRow(era: Era, path: string): Row {
  const key = `call-${year(era)}-sdk`;
  return {
    key,
    label: `tools/call ${era}, bare SDK, 1 tool`,
    server: SDK_SERVER,
    path,
    era,
    method: 'tools/call',
    tools: [SDK_TOOL],
    sdkKey: key,
  };
}

function callRow(era: Era, count: number): Row {
  return {
    key: `call-${year(era)}-${count}`,
    label: `tools/call ${era}, Northstar, ${count.toLocaleString('en')} tools`,
    server: northstarServer(count),
    path: '/mcp',
    era,
    method: 'tools/call',
    tools: toolNames(count),
    sdkKey: `call-${year(era)}-sdk`,
    fewToolsKey: `call-${year(era)}-10`,
  };
}

function listRow(count: number): Row {
  return {
    ...callRow('2026-07-28', count),
    key: `list-2026-${count}`,
    label: `tools/list 2026-07-28, Northstar, ${count.toLocaleString('en')} tools`,
    method: 'tools/list',
    fewToolsKey: 'list-2026-10',
  };
}
