import { Worker } from 'node:worker_threads';
import { isolateEntry, type CarrierOptions, type Ending, type IsolateCarrier } from './isolate-carrier.ts';
import type { Frame } from './rpc/frame.ts';

/**
 * MiB that a thread's young objects and its stack may take; the rest of its heap is `heapMb`. Each thread takes the whole
 * of the former soon, so more of it costs memory, many times over, for somewhat fewer collections.
 */
const YOUNG_MB = 4;
const STACK_MB = 4;

/** An isolate in a thread. Its heap is limited; buffers, native code and the files that the host can reach are not. */
export function startWorker({ heapMb, env, onFrame, onOutput }: CarrierOptions): IsolateCarrier {
  const worker = new Worker(isolateEntry(), {
    name: 'northstar isolate',
    env: { ...env },
    argv: [],
    execArgv: [],
    // Stdout belongs to the protocol under `northstar stdio`.
    stdout: true,
    stderr: true,
    trackUnmanagedFds: true,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_MB, stackSizeMb: STACK_MB },
  });
  let failure: Error | undefined;
  for (const output of [worker.stdout, worker.stderr]) output.on('data', (text: Buffer) => onOutput(String(text)));
  worker.on('message', (message: unknown) => onFrame(message as Frame));
  worker.on('messageerror', () => onFrame({ json: '' }));
  worker.on('error', (error) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  return {
    ended: new Promise<Ending>((resolve) => {
      worker.once('exit', (code) => resolve(endingOf(code, failure)));
    }),
    send: ({ json, bytes }) => {
      // A copy: a chunk may be a view of a larger buffer, all of which would be cloned.
      const own = bytes && new Uint8Array(bytes);
      worker.postMessage({ json, ...(own && { bytes: own }) }, own ? [own.buffer] : []);
    },
    terminate: async () => {
      await worker.terminate();
    },
  };
}

function endingOf(code: number, failure: Error | undefined): Ending {
  if (failure === undefined) return { reason: `exit code ${code}` };
  const outOfMemory = (failure as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
  const detail = String(failure.stack ?? failure.message);
  return { reason: outOfMemory ? 'out of memory' : 'an uncaught exception', detail };
}
