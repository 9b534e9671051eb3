import { ProtocolFault, type Frame } from './frame.ts';

/** Two lengths, big-endian: bytes of the JSON, and of what goes beside it plus one (zero says that there is nothing). */
const HEADER_BYTES = 8;

export function encodeFrame({ json, bytes }: Frame): Buffer {
  const text = Buffer.from(json);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(text.byteLength, 0);
  header.writeUInt32BE(bytes ? bytes.byteLength + 1 : 0, 4);
  return Buffer.concat(bytes ? [header, text, bytes] : [header, text]);
}

/** Most bytes of JSON and beside it. */
export interface FrameLimits {
  readonly json: number;
  readonly bytes: number;
}

/**
 * Cuts a pipe into frames. Lengths are judged before a byte of the frame is kept; Node's own channel to a child process
 * gathers a message of any length first.
 */
export class FrameReader {
  readonly #limits: FrameLimits;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Takes what was read and gives the frames that it completes. */
  *push(chunk: Buffer): Generator<Frame, void> {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
    for (;;) {
      if (this.#size < HEADER_BYTES) return;
      const header = this.#peek(HEADER_BYTES);
      const jsonBytes = header.readUInt32BE(0);
      const besides = header.readUInt32BE(4);
      if (jsonBytes > this.#limits.json || besides > this.#limits.bytes + 1)
        throw new ProtocolFault('a message over the limit');
      const whole = HEADER_BYTES + jsonBytes + Math.max(besides - 1, 0);
      if (this.#size < whole) return;
      const frame = this.#take(whole);
      const end = HEADER_BYTES + jsonBytes;
      yield { json: frame.toString('utf8', HEADER_BYTES, end), ...(besides > 0 && { bytes: frame.subarray(end) }) };
    }
  }

  #peek(length: number): Buffer {
    const first = this.#chunks[0];
    return first && first.byteLength >= length ? first : this.#joined();
  }

  #take(length: number): Buffer {
    const all = this.#joined();
    this.#chunks = all.byteLength > length ? [all.subarray(length)] : [];
    this.#size -= length;
    return all.subarray(0, length);
  }

  #joined(): Buffer {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}
