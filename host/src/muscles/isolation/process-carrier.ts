import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { Duplex, Readable } from 'node:stream';
import { isolateEntry, type CarrierOptions, type Ending, type IsolateCarrier } from './isolate-carrier.ts';
import { MAX_FRAME_BYTES, MAX_JSON_CHARACTERS } from './rpc/frame.ts';
import { encodeFrame, FrameReader } from './rpc/pipe-frames.ts';

/** Characters of stderr that are kept to tell why a process ended. */
const LAST_WORDS = 4000;

const running = new Set<ChildProcess>();
let killsAtExit = false;

/** An isolate in a process of its own: also a native crash and memory outside the heap stay in it. */
export function startProcess({ heapMb, env, onFrame, onOutput }: CarrierOptions): IsolateCarrier {
  const load = `await import(${JSON.stringify(isolateEntry().href)})`;
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMb}`, '--input-type=module', '--eval', load], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...env },
    cwd: tmpdir(),
    windowsHide: true,
  });
  killAtExit(child);
  const pipe = child.stdio[3] as Duplex;
  const reader = new FrameReader({ json: MAX_JSON_CHARACTERS * 3, bytes: MAX_FRAME_BYTES });
  pipe.on('data', (chunk: Buffer) => {
    try {
      for (const frame of reader.push(chunk)) onFrame(frame);
    } catch {
      pipe.pause();
      onFrame({ json: '' });
    }
  });
  // A process that is gone cannot be written to; that it is gone is told by `ended`.
  pipe.on('error', () => undefined);
  let lastWords = '';
  (child.stdout as Readable).on('data', (text: Buffer) => onOutput(String(text)));
  (child.stderr as Readable).on('data', (text: Buffer) => {
    lastWords = (lastWords + String(text)).slice(-LAST_WORDS);
    onOutput(String(text));
  });
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', (error) => resolve({ reason: `it could not be started: ${error.message}` }));
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ reason: signal ? `signal ${signal}` : `exit code ${code}`, ...(lastWords && { detail: lastWords }) });
    });
  });
  return {
    ended,
    send: (frame) => {
      if (pipe.writable) pipe.write(encodeFrame(frame));
    },
    terminate: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A hung child would outlive the host: it never comes to see that its pipe is closed. */
function killAtExit(child: ChildProcess): void {
  running.add(child);
  if (killsAtExit) return;
  killsAtExit = true;
  process.on('exit', () => {
    for (const left of running) left.kill('SIGKILL');
  });
}
