import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { applyDiff } from './apply-diff.ts';
import type { Block } from './markdown.ts';
import { answered, plain, printed } from './shown-output.ts';

/** Milliseconds after which what a running command has not printed counts as never printed. */
const PATIENCE_MS = 60_000;

/** Where pages say that the host listens; the session's own listens on a free port. */
const SHOWN_URL = 'http://127.0.0.1:8787';

/**
 * One person who follows a page: types its commands in order, changes files as it shows, and compares what is printed
 * with what the page prints. Commands of a block with `background` go on running; `url` is that of the host among them.
 */
export class PageSession {
  url: string | undefined;
  private answer = '';
  private told = '';
  private readonly running: ChildProcess[] = [];
  private cwd: string;
  private readonly notes: string;
  private readonly env: NodeJS.ProcessEnv;

  private constructor(cwd: string, notes: string, env: NodeJS.ProcessEnv) {
    this.cwd = cwd;
    this.notes = notes;
    this.env = env;
  }

  /** `env` are the settings on top of PATH; the port of a host that is started is a free one. */
  static async open(cwd: string, env: NodeJS.ProcessEnv): Promise<PageSession> {
    const notes = await mkdtemp(join(cwd, '..', 'session-'));
    return new PageSession(cwd, notes, { PATH: process.env.PATH, NO_COLOR: '1', NORTHSTAR_PORT: '0', ...env });
  }

  get folder(): string {
    return this.cwd;
  }

  /** Does what a block says. Throws with what happened instead. */
  async follow({ language, flags, text }: Block): Promise<void> {
    if (language === 'console') return flags.includes('background') ? this.start(text) : this.type(text);
    if (language === 'diff') {
      const file = join(this.cwd, flags[0] ?? '');
      return writeFile(file, applyDiff(await readFile(file, 'utf8'), text));
    }
    if (flags.includes('background')) return this.hears(text);
    if (language === 'json') {
      const answer: unknown = JSON.parse(this.answer);
      if (!answered(answer, JSON.parse(text))) throw new Error(`The answer is another one:\n${this.answer}`);
    } else if (!printed(this.answer, text)) throw new Error(`The output is another one:\n${this.answer}`);
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.notes, { recursive: true, force: true });
  }

  private async type(text: string): Promise<void> {
    const left = join(this.notes, 'cwd');
    const script = `set -e\n${text.replaceAll(SHOWN_URL, this.url ?? SHOWN_URL)}\npwd > '${left}'\n`;
    const child = spawn('bash', ['-c', script], { cwd: this.cwd, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [status] = (await once(child, 'close')) as [number | null];
    if (status !== 0) throw new Error(`The command ended with ${status}:\n${output}${errors}`);
    this.answer = this.asShown(plain(output + errors));
    this.cwd = (await readFile(left, 'utf8')).trim();
  }

  /** Starts what runs on, in place of what ran before, and waits for a host to be ready. */
  private async start(text: string): Promise<void> {
    await this.stop();
    this.told = '';
    this.url = undefined;
    // A process group of its own, so that npx and what it starts end together.
    const child = spawn('bash', ['-c', text], { cwd: this.cwd, env: this.env, detached: true });
    this.running.push(child);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.told += chunk.toString()));
    await this.until('is ready', () => /ready at \S+\n/.test(this.told));
    this.url = /ready at (\S+)/.exec(this.told)?.[1];
  }

  private async hears(shown: string): Promise<void> {
    await this.until(shown, () => printed(this.asShown(this.told), shown));
    // What was read once is not an answer to what the page does next.
    this.told = '';
  }

  private async until(what: string, done: () => boolean): Promise<void> {
    for (const start = performance.now(); !done(); await pause(20))
      if (performance.now() - start > PATIENCE_MS || this.running.at(-1)?.exitCode !== null)
        throw new Error(`What runs in the background has not printed:\n${what}\nbut:\n${this.told}`);
  }

  private asShown(text: string): string {
    return this.url === undefined ? text : text.replaceAll(this.url, SHOWN_URL);
  }

  private async stop(): Promise<void> {
    for (const child of this.running.splice(0)) {
      if (child.pid === undefined || child.exitCode !== null) continue;
      const ended = once(child, 'close');
      process.kill(-child.pid, 'SIGTERM');
      await ended;
    }
  }
}
