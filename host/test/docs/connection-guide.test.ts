import { expect, test } from 'vitest';
import { blocksOf } from './markdown.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../acceptance/repository.ts';

const PAGE = 'docs/guides/connect-a-client.md';
const text = readFileSync(join(ROOT, PAGE), 'utf8');

test.each([
  'Claude Desktop',
  'Claude Code',
  'ChatGPT developer mode',
  'VS Code',
  'Cursor',
  'Codex',
  'Gemini CLI',
  'Copilot CLI',
  'opencode',
])('[ENG-06b] the guide has configuration for %s and says whether it was run', (client) => {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${client}\n`));
  expect(section).toMatch(/```|NORTHSTAR_PUBLIC_URL/);
  const row = text.split('\n').find((line) => line.startsWith(`| [${client}](`));
  expect(row).toMatch(/run against this host|from its documentation/);
});

/** Every entry of every JSON configuration on the page, whatever the client calls the list of servers. */
const entries = blocksOf(PAGE)
  .filter(({ language }) => language === 'json')
  .flatMap(({ text: json }) => Object.values(JSON.parse(json) as Record<string, Record<string, Entry>>))
  .flatMap((servers) => Object.values(servers));

interface Entry {
  url?: string;
  headers?: Record<string, string>;
  command?: string | string[];
  args?: string[];
  env?: Record<string, string>;
  environment?: Record<string, string>;
}

test('[ENG-06b] every HTTP entry names the endpoint and sends the identity that the host requires', () => {
  const http = entries.filter(({ url }) => url !== undefined);
  expect(http.length).toBeGreaterThan(4);
  for (const { url, headers } of http) {
    expect(url).toBe('http://127.0.0.1:8787/mcp');
    expect(Object.keys(headers ?? {})).toEqual(expect.arrayContaining(['X-Mode', 'X-Tenant-Id', 'X-Project-Id']));
  }
});

test('[ENG-06b] every stdio entry starts the command of this repository with muscles and a data folder of its own', () => {
  const started = entries
    .map(({ command, args, env, environment }) => ({
      line: [command, args ?? []].flat().join(' '),
      env: env ?? environment ?? {},
    }))
    .filter(({ line }) => line.includes('northstar.js'));
  expect(started.length).toBeGreaterThan(3);
  for (const { line, env } of started) {
    expect(line).toMatch(/host\/bin\/northstar\.js stdio$/);
    expect(Object.keys(env)).toEqual(
      expect.arrayContaining(['ENABLED_MUSCLES', 'NORTHSTAR_PLUGINS', 'NORTHSTAR_DATA_DIR']),
    );
  }
  const folders = started.map(({ env }) => env.NORTHSTAR_DATA_DIR);
  expect(new Set(folders).size).toBe(folders.length);
});

/** Commands of clients, one a line, and Codex's TOML as it stands. */
const told = blocksOf(PAGE)
  .filter(({ language, flags }) => ['console', 'toml'].includes(language) && flags.includes('client'))
  .flatMap(({ language, text: shown }) => (language === 'console' ? shown.trim().split('\n') : [shown]));

test('[ENG-06b] every command for a client names the endpoint and the identity, or starts the command with a folder', () => {
  const lists = told.filter((line) => /^(claude|gemini) mcp list$/.test(line));
  const adding = told.filter((line) => !lists.includes(line));
  expect(adding.length).toBeGreaterThan(4);
  for (const line of adding.filter((entry) => !entry.includes('northstar.js')))
    for (const part of ['http://127.0.0.1:8787/mcp', 'X-Mode', 'X-Tenant-Id', 'X-Project-Id'])
      expect(line).toContain(part);
  for (const line of adding.filter((entry) => entry.includes('northstar.js')))
    for (const part of ['ENABLED_MUSCLES', 'NORTHSTAR_PLUGINS', 'NORTHSTAR_DATA_DIR', 'stdio'])
      expect(line).toContain(part);
  for (const line of told)
    expect(line).toMatch(/^(claude mcp|gemini mcp|npx @modelcontextprotocol\/inspector@|\[mcp_servers\.)/);
});
