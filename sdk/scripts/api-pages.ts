import type { ExportedName } from './exported-api.ts';

type Api = ReadonlyMap<string, readonly ExportedName[]>;

/** The public surface as plain text: what a reviewer sees change when a commit changes it. */
export function apiReport(api: Api): string {
  const parts = [...api].map(([entry, names]) =>
    [`// ${entry}`, ...names.map(({ declaration }) => declaration)].join('\n\n'),
  );
  return `// What @northstar/sdk exports. Written by: npm run reference\n\n${parts.join('\n\n')}\n`;
}

/** docs/reference/sdk.md */
export function apiPage(api: Api): string {
  return [
    '# The SDK',
    '',
    'What `@northstar/sdk` exports to authors of a **muscle**, a plugin whose **scopes** (operations) become MCP tools.',
    'Made from the sources by `npm run reference`. [Write a muscle](../guides/write-a-muscle.md) is the guide.',
    '',
    ...[...api].flatMap(([entry, names]) => [
      `## ${entry}`,
      '',
      '| name | kind | what it is |',
      '| --- | --- | --- |',
      ...names.map(({ name, kind, doc }) => `| \`${name}\` | ${kind} | ${firstSentence(doc)} |`),
      '',
      ...names
        .filter(({ kind }) => kind !== 'type')
        .flatMap(({ name, doc, declaration }) => [
          `### ${name}`,
          '',
          doc,
          '',
          '```ts declaration',
          declaration,
          '```',
          '',
        ]),
    ]),
  ].join('\n');
}

/** Up to the first full stop that ends a sentence; a table has no room for more. */
function firstSentence(doc: string): string {
  const flat = doc.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  return /^.*?[.!?](?= [A-Z`]|$)/.exec(flat)?.[0] ?? flat;
}
