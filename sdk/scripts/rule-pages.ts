import { RULES, type RuleId, type RuleText } from '../src/check/rule-table.ts';
import type { Breakage } from '../test/check/breakage.ts';

/** The pages of docs/reference/rules, by file name: what each rule asks, why, and defects that it finds. */
export function rulePages(breakages: readonly Breakage[]): Map<string, string> {
  const pages = new Map<string, string>([['README.md', overview()]]);
  for (const id of Object.keys(RULES) as RuleId[])
    pages.set(
      `${id}.md`,
      rulePage(
        id,
        breakages.filter(({ rule }) => rule === id),
      ),
    );
  return pages;
}

function overview(): string {
  const rows = Object.entries(RULES).map(
    ([id, { title, severity }]) => `| [\`${id}\`](${id}.md) | ${severity} | ${title} |`,
  );
  return [
    '# Rules of `muscle check`',
    '',
    'A **muscle** is a plugin; a **scope** is one of its operations. `muscle check` judges a muscle by these rules. With',
    '`--strict` a warning counts as an error. [Check and test a muscle](../../guides/check-and-test-a-muscle.md) shows how',
    'it is run, and what it does not find.',
    '',
    '| rule | weight | a muscle that keeps it |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function rulePage(id: RuleId, breakages: readonly Breakage[]): string {
  const { title, severity, why, fix, codes = [], allowable }: RuleText = RULES[id];
  const examples = breakages.flatMap(({ name, file, change: [from, to] }) => [
    `- ${name}, in \`${file}\`: ${code(from)} ${to === '' ? 'removed' : `as ${code(to)}`}`,
  ]);
  return [
    `# ${id}`,
    '',
    `${title} Weight: ${severity}. Part of \`muscle check\`, which checks a **muscle** (a plugin) and its **scopes** (operations).`,
    '',
    `**Why.** ${why}`,
    '',
    `**Fix.** ${fix}`,
    '',
    ...(allowable
      ? [
          'The rule judges by likeness. A comment `// muscle-check-allow ' +
            id +
            ': reason` on the line, or on the one before',
          'it, allows one place.',
          '',
        ]
      : []),
    ...(codes.length > 0
      ? [
          `Codes of the binder that belong to it: ${codes.map((entry) => `\`${entry}\``).join(', ')}. See [diagnostics](../diagnostics.md).`,
          '',
        ]
      : []),
    'Defects that the tests make in a good muscle, one at a time, and that this rule finds:',
    '',
    ...examples,
    '',
    '[All rules](README.md)',
    '',
  ].join('\n');
}

/** Markdown has no code spans over several lines. */
function code(text: string): string {
  const flat = text
    .trim()
    .replace(/\s*\n\s*/g, ' ⏎ ')
    .replace(/\t/g, ' ');
  return flat.includes('`') ? `\`\` ${flat} \`\`` : `\`${flat}\``;
}
