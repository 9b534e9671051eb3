import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../acceptance/repository.ts';

export interface Block {
  /** Repository path of the page. */
  readonly page: string;
  readonly line: number;
  /** First word after the fence: `sh`, `json`. */
  readonly language: string;
  /** The words after it: `run`, `fails=403`. */
  readonly flags: readonly string[];
  readonly text: string;
}

const SKIPPED = new Set(['node_modules', 'dist', 'out', '.git', '.northstar', 'fixtures']);

/** Every Markdown page of the repository. */
export function pages(dir = ROOT): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(dir, entry.name);
    return entry.isDirectory() ? pages(path) : entry.name.endsWith('.md') ? [relative(ROOT, path)] : [];
  });
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^( *)```(\S*) *([^\n]*)\n([\s\S]*?)^\1```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: match[2] ?? '',
    flags: (match[3] ?? '').split(' ').filter(Boolean),
    text: match[4] ?? '',
  }));
}

/** Targets of relative links, without anchors. */
export function linksOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] ?? '').split('#')[0] ?? '')
    .filter((link) => link !== '' && !/^[a-z]+:/.test(link));
}
