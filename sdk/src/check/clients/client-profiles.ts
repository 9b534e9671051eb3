import type { ClientProfile } from './client-profile.ts';

/** The name under which a server is entered in a client counts too; this is the one that our guide uses. */
export const SERVER_NAME = 'northstar';

const measured = 'measured with Gemini CLI 0.61.0';
const issue = (repository: string, number: number): string => `https://github.com/${repository}/issues/${number}`;

/** Facts of November 2026. Each limit names where it is reported, so that it can be looked at again. */
export const CLIENT_PROFILES: readonly ClientProfile[] = [
  {
    id: 'claude',
    name: 'Claude',
    prefix: 'mcp__server__',
    nameLength: {
      value: 64,
      outcome: 'refused with the whole request',
      source: issue('github/github-mcp-server', 520),
    },
    schema: {
      'root-combinator': { outcome: 'dropped', source: issue('anthropics/claude-code', 95504) },
      'root-conditional': { outcome: 'dropped', source: issue('anthropics/claude-code', 95504) },
      'odd-property-name': {
        outcome: 'refused with the whole request',
        source: issue('beautyfree/appstore-connect-mcp', 1),
      },
    },
  },
  {
    id: 'openai',
    name: 'OpenAI',
    prefix: '',
    nameLength: { value: 64, outcome: 'refused with the whole request', source: issue('microsoft/vscode', 243602) },
    descriptionLength: { value: 1024, outcome: 'refused with the whole request', source: issue('rusiaaman/wcgw', 51) },
    schema: {
      'root-combinator': {
        outcome: 'refused with the whole request',
        source: issue('makenotion/notion-mcp-server', 340),
      },
      'array-without-items': { outcome: 'refused with the whole request', source: issue('microsoft/vscode', 246119) },
    },
  },
  {
    id: 'gemini',
    name: 'Gemini',
    prefix: 'mcp_server_',
    nameLength: { value: 63, outcome: 'renamed', source: measured },
    schema: {
      'root-combinator': {
        outcome: 'refused with the whole request',
        source: issue('DeusData/codebase-memory-mcp', 1524),
      },
      reference: { outcome: 'refused with the whole request', source: issue('anomalyco/opencode', 12295) },
      recursion: { outcome: 'refused with the whole request', source: issue('anomalyco/opencode', 12295) },
      'array-without-items': {
        outcome: 'refused with the whole request',
        source: issue('DEEIX-AI/DEEIX-Chat', 546),
      },
      'enum-of-numbers': {
        outcome: 'refused with the whole request',
        source: issue('microsoft/azure-devops-mcp', 139),
      },
      'property-without-type': {
        outcome: 'refused with the whole request',
        source: issue('google-gemini/gemini-cli', 4400),
      },
    },
  },
  {
    id: 'cursor',
    name: 'Cursor',
    prefix: 'server:',
    nameLength: { value: 60, outcome: 'dropped', source: issue('ComposioHQ/composio', 2788) },
    toolCount: { value: 40, outcome: 'dropped', source: issue('anyproto/anytype-mcp', 5) },
    schema: {},
  },
  {
    id: 'vscode',
    name: 'VS Code',
    prefix: 'mcp_server_',
    nameLength: { value: 64, outcome: 'cut short', source: issue('microsoft/vscode', 243602) },
    schema: {
      'array-without-items': { outcome: 'dropped', source: issue('microsoft/vscode', 246119) },
      tuple: { outcome: 'dropped', source: issue('CursorTouch/Windows-MCP', 13) },
    },
  },
];
