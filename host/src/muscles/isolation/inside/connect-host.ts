import { Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import type { Carrier, Frame } from '../rpc/frame.ts';
import { encodeFrame, FrameReader } from '../rpc/pipe-frames.ts';

/** The isolate's end of its carrier: the port of a thread, or the pipe that a process gets as its fourth file. */
export function connectHost(onFrame: (frame: Frame) => void): Carrier {
  if (parentPort) {
    const port = parentPort;
    port.on('message', (frame: Frame) => onFrame(frame));
    return {
      send: ({ json, bytes }) => {
        // A copy: a chunk may be a view of a larger buffer, all of which would be cloned.
        const own = bytes && new Uint8Array(bytes);
        port.postMessage({ json, ...(own && { bytes: own }) }, own ? [own.buffer] : []);
      },
    };
  }
  const pipe = new Socket({ fd: 3 });
  const reader = new FrameReader({ json: Infinity, bytes: Infinity });
  pipe.on('data', (chunk) => {
    for (const frame of reader.push(chunk)) onFrame(frame);
  });
  // Without a host there is nobody left to work for.
  pipe.on('close', () => process.exit(0));
  pipe.on('error', () => process.exit(0));
  return { send: (frame) => pipe.write(encodeFrame(frame)) };
}
