/**
 * A chunk that claims more bytes than it has: the limits of object stores are gigabytes and more, and what is above
 * them must be refused before it is looked at.
 */
export function chunkOfClaimedSize(byteLength: number): Uint8Array {
  return Object.defineProperty(new Uint8Array(1), 'byteLength', { value: byteLength });
}
