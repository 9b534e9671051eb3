/** One message between host and isolate: JSON text, and bytes beside it, which then need no base64. */
export interface Frame {
  readonly json: string;
  readonly bytes?: Uint8Array;
}

/**
 * Characters of JSON and bytes that an isolate may send in one frame: twice what the largest result has. Checked before
 * anything is parsed, so that a muscle cannot fill the host's memory with one answer.
 */
export const MAX_JSON_CHARACTERS = 8 * 1024 * 1024;
export const MAX_FRAME_BYTES = 1024 * 1024;

/** What the frames travel by: a thread's port, or a pipe to a process. Keeps their order. */
export interface Carrier {
  send(frame: Frame): void;
}

/** Something that no honest isolate sends. The isolate is ended, because nothing it says can be relied on any more. */
export class ProtocolFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolFault';
  }
}
