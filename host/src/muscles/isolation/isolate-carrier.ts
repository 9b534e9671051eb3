import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Carrier, Frame } from './rpc/frame.ts';

/** Why an isolate is no more. */
export interface Ending {
  /** Short, for operators: `exit code 3`. */
  readonly reason: string;
  /** What it left behind, for the log: a stack, or the end of what it wrote to stderr. */
  readonly detail?: string;
}

/** The host's hold on one thread or process. */
export interface IsolateCarrier extends Carrier {
  readonly ended: Promise<Ending>;
  /** Ends it, also in the middle of an endless loop. Resolves once it is gone. */
  terminate(): Promise<void>;
}

export interface CarrierOptions {
  /** MiB of JavaScript heap. */
  readonly heapMb: number;
  /** The whole environment of the isolate; nothing of the host's is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly onFrame: (frame: Frame) => void;
  /** Text that the muscle wrote to stdout or stderr. */
  readonly onOutput: (text: string) => void;
}

/** What a thread or process runs: the built entry, or the same source through jiti where the host runs from source. */
export function isolateEntry(): URL {
  const require = createRequire(import.meta.url);
  if (!import.meta.url.endsWith('.ts')) {
    const root = dirname(require.resolve('@northstar/host/package.json'));
    return pathToFileURL(join(root, 'dist/isolate/entry.js'));
  }
  const jiti = pathToFileURL(require.resolve('jiti')).href;
  const entry = JSON.stringify(new URL('./inside/entry.ts', import.meta.url).href);
  const source = `import jiti from ${JSON.stringify(jiti)}; await jiti.createJiti(${entry}, { fsCache: true }).import(${entry});`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}
