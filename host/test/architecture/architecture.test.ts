import { expect, test } from 'vitest';
import { sourceFiles } from './source-files.ts';

/** Rooms of the host, in building order: a file imports from its own room and from rooms before it, never after. */
const ROOMS = [
  'log',
  'config',
  'stores',
  'errors',
  'identity',
  'telemetry',
  'spine',
  'routing',
  'policy',
  'billing',
  'pipeline',
  'muscles',
  'gateway',
  'http',
  'host.ts',
  'testing',
  'cli',
];

const host = sourceFiles(['host/src']);

function roomOf(path: string): string {
  return path.replace('host/src/', '').split('/')[0] ?? '';
}

/** `file -> import` for every import that a rule forbids. */
function offenders(
  files: ReturnType<typeof sourceFiles>,
  forbidden: (imported: string, path: string) => boolean,
): string[] {
  return files.flatMap(({ path, imports }) =>
    imports.filter((entry) => forbidden(entry, path)).map((entry) => `${path} -> ${entry}`),
  );
}

test('[ARCH-01] host rooms import only from rooms that stand before them', () => {
  const wrong = offenders(host, (imported, path) => {
    if (!imported.startsWith('host/src/') || imported === 'host/src/version.ts' || path === 'host/src/index.ts')
      return false;
    return ROOMS.indexOf(roomOf(imported)) > ROOMS.indexOf(roomOf(path)) || !ROOMS.includes(roomOf(imported));
  });
  expect(wrong).toEqual([]);
});

test('[ARCH-02] the SDK knows nothing of the host, and a muscle nothing of the host or of another muscle', () => {
  expect(
    offenders(
      sourceFiles(['sdk']),
      (imported) => imported.startsWith('@northstar/host') || imported.startsWith('host/'),
    ),
  ).toEqual([]);
  const muscles = sourceFiles(['plugins']);
  const foreign = (imported: string, path: string): boolean => {
    const own = path.split('/').slice(0, 2).join('/');
    return (
      imported.startsWith('@northstar/host') ||
      (/^(host|sdk|plugins|examples)\//.test(imported) && !imported.startsWith(`${own}/`))
    );
  };
  expect(muscles.length).toBeGreaterThan(0);
  expect(offenders(muscles, foreign)).toEqual([]);
});

test.each([
  { what: 'sealScope', only: 'host/src/muscles/seal-muscle.ts' },
  { what: 'mintPermit', only: 'host/src/policy/policy-engine.ts' },
])('[ARCH-03] only one file may use $what', ({ what, only }) => {
  const definition = new RegExp(`export function ${what}\\b`);
  const users = host
    .filter(({ text }) => new RegExp(`\\b${what}\\b`).test(text) && !definition.test(text))
    .map(({ path }) => path);
  expect(users).toEqual([only]);
});

test('[ARCH-04] the gateway and HTTP never reach the code that loads or seals handlers', () => {
  const served = host.filter(({ path }) => /^host\/src\/(gateway|http)\//.test(path));
  expect(
    offenders(served, (imported) =>
      /muscles\/(activate|seal-muscle|muscle-importer|discover)\.ts$|^jiti$/.test(imported),
    ),
  ).toEqual([]);
});

test('[ARCH-05] policy and pipeline know neither the MCP SDK nor express', () => {
  const inner = host.filter(({ path }) =>
    /^host\/src\/(stores|errors|identity|spine|policy|pipeline|muscles)\//.test(path),
  );
  expect(offenders(inner, (imported) => /^@modelcontextprotocol\/|^@hono\/|^express$/.test(imported))).toEqual([]);
});

test.each([
  { what: 'jiti', pattern: /from 'jiti'/, only: ['host/src/muscles/muscle-importer.ts'] },
  { what: 'the environment', pattern: /process\.env/, only: ['host/src/cli/print.ts', 'host/src/cli/run-host.ts'] },
  { what: 'the console', pattern: /\bconsole\./, only: ['host/src/cli/print.ts'] },
  { what: 'express', pattern: /from 'express'/, only: ['host/src/http/express-app.ts'] },
])('[ARCH-06] $what is used in one place', ({ pattern, only }) => {
  const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  expect(host.filter(({ text }) => pattern.test(withoutComments(text))).map(({ path }) => path)).toEqual(only);
});

test('[ARCH-07] files are small and named after what they hold', () => {
  const files = sourceFiles(['host/src', 'sdk/src', 'plugins']);
  const lines = files.map(({ text }) => text.split('\n').length).sort((a, b) => a - b);
  expect(lines[Math.floor(lines.length / 2)]).toBeLessThan(120);
  expect(lines[Math.floor(lines.length * 0.9)]).toBeLessThan(250);
  expect(files.filter(({ text }) => text.split('\n').length > 350).map(({ path }) => path)).toEqual([]);
  expect(
    files.filter(({ path }) => /(^|\/)(utils?|helpers?|common|types)(\.ts$|\/)/.test(path)).map(({ path }) => path),
  ).toEqual([]);
});
