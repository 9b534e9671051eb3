import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as yaml from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import type { DataFile } from '../config/host-config.ts';

/**
 * Reads a YAML (or JSON) file that follows a model. Undefined where there is none and none is required.
 *
 * @throws ConfigError with every problem as `file:line:column: what is wrong`.
 */
export function readDataFile<M extends z.ZodType>(file: DataFile, model: M): z.infer<M> | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  // Here, because most hosts have no such file and start faster without the parser.
  const { LineCounter, parseDocument } = createRequire(import.meta.url)('yaml') as typeof yaml;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file.path}:${line}:${col}`;
  };
  if (document.errors.length > 0)
    throw new ConfigError(
      document.errors.map(
        (error) => `${at(error.pos[0])}: ${error.message.split('\n', 1)[0]!.replace(/ at line.*/, '')}`,
      ),
    );
  const parsed = model.safeParse(valueOf(document, at));
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => {
      const where = path.length > 0 ? `${path.join('.')}: ` : '';
      return `${at(offsetOf(document, path))}: ${where}${message}`;
    }),
  );
}

/** Aliases are resolved here, and that may fail: too many of them, or one of nothing. */
function valueOf(document: Document, at: (offset: number) => string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError([`${at(0)}: ${(error as Error).message}`]);
  }
}

function readText({ path, required }: DataFile): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !required) return undefined;
    throw new ConfigError([`${path} cannot be read (${code ?? String(error)}); see docs/reference/policy-files.md.`]);
  }
}

/** Where the value at a path begins; of what is missing, where its parent does. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const range = (node as { range?: [number, number, number] } | undefined)?.range;
    if (range) return range[0];
  }
  return 0;
}
