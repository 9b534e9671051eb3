import type { LineCounter, YAMLError } from 'yaml';
import { composeYaml } from './compose-yaml.ts';
import type { Findings } from './findings.ts';
import { yamlLibrary } from './lazy-libraries.ts';
import { tooDeep, withinLimits } from './yaml-limits.ts';
import type { YamlNode } from './yaml-node.ts';

/** Syntax errors past the first few are echoes of the first. */
const MAX_SYNTAX_ERRORS = 10;

/**
 * Reads one YAML 1.2 document, core schema only, into a tree that knows its positions. Work is bounded whatever the
 * text is. Everything wrong goes to `findings`; the tree is absent when there is nothing sound to look at.
 */
export function readYaml(text: string, findings: Findings): YamlNode | undefined {
  const lines = lineCounter(text);
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (!withinLimits(text, findings, at)) return undefined;

  const document = yamlLibrary().parseDocument(text, {
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    // Its own check compares every key with every other; the composer does it with a set.
    uniqueKeys: false,
    // Formats a source excerpt for each error, which a file of nothing but errors makes expensive.
    prettyErrors: false,
    // `silent` would also silence the finding of a second document.
    logLevel: 'error',
  });
  for (const warning of document.warnings) {
    if (warning.code !== 'TAG_RESOLVE_FAILED') continue;
    findings.error(
      'spec.custom_tag',
      at(warning.pos[0]),
      `${firstLine(warning)}. Remove the tag and write a plain value.`,
    );
  }
  if (document.errors.length > 0) {
    const seen = new Set<number>();
    const tabs = document.errors.filter((error) => error.code === 'TAB_AS_INDENT');
    // A tab moves every later line to a wrong level, so the other errors are its echo.
    for (const error of tabs.length > 0 ? tabs : document.errors) {
      const position = at(error.pos[0]);
      if (seen.has(position.line)) continue;
      seen.add(position.line);
      if (error.code === 'RESOURCE_EXHAUSTION') findings.error('spec.too_deep', position, tooDeep());
      else if (error.code === 'MULTIPLE_DOCS') {
        findings.error(
          'spec.multiple_documents',
          position,
          'A second document starts here. Keep one and remove the "---".',
        );
      } else findings.error('spec.yaml_syntax', position, syntaxMessage(error));
      if (seen.size === MAX_SYNTAX_ERRORS) break;
    }
    return undefined;
  }
  if (findings.failed) return undefined;
  return composeYaml(document.contents, findings, at);
}

/** Filled here and not by the parser, because positions are needed before it runs. */
function lineCounter(text: string): LineCounter {
  const lines = new (yamlLibrary().LineCounter)();
  lines.addNewLine(0);
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) lines.addNewLine(index + 1);
  return lines;
}

function syntaxMessage(error: YAMLError): string {
  if (error.code === 'TAB_AS_INDENT') return 'A tab cannot indent YAML. Use spaces.';
  const text = firstLine(error);
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY')
    return `${text}. Put text that contains ": " in quotes, or start a new line.`;
  if (error.code === 'BAD_INDENT') return `${text}. Indent the keys of one mapping by the same number of spaces.`;
  if (error.code === 'MISSING_CHAR') return `${text}. Close what was opened, or add what is missing.`;
  return `${text}. Correct the YAML here.`;
}

function firstLine(error: { message: string }): string {
  return (error.message.split('\n')[0] ?? '').replace(/[.:]$/, '');
}
