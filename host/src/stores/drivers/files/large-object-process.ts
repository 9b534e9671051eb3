/**
 * Puts and gets one object in a process of its own, for the test of constant memory. The bytes are made as they are
 * asked for. Arguments: data folder, mebibytes. Prints one line of JSON.
 */
import { createHash } from 'node:crypto';
import { openEmbeddedStores } from '../../open-embedded-stores.ts';

export interface LargeObjectReport {
  /** Of the object as it was made, as the store said, and as it came back. */
  readonly sha256: { readonly made: string; readonly stored: string; readonly read: string };
  readonly size: number;
  /** Hex of the bytes of each range, as they were made and as they were read. */
  readonly ranges: readonly { readonly made: string; readonly read: string }[];
  /** Bytes; the most that the process ever held. */
  readonly peakRss: number;
}

const MIB = 1024 * 1024;
const [folder = '', mebibytes = ''] = process.argv.slice(2);
const size = Number(mebibytes) * MIB;
const at = { tenantId: 't_large', kind: 'media' };
const block = Buffer.alloc(256 * 1024, 'northstar ');

/** Block `i` of the object: no two are equal. */
function blockAt(i: number): Buffer {
  block.writeUInt32LE(i);
  return block;
}

function byteAt(position: number): number {
  return blockAt(Math.floor(position / block.length))[position % block.length]!;
}

async function work(): Promise<LargeObjectReport> {
  const stores = await openEmbeddedStores(folder);
  const made = createHash('sha256');
  const body = async function* (): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < size / block.length; i++) {
      const bytes = blockAt(i);
      made.update(bytes);
      yield bytes;
    }
  };
  const info = await stores.objects.put(at, 'large', body(), { mediaType: 'video/mp4' });
  const read = createHash('sha256');
  for await (const chunk of (await stores.objects.get(at, 'large'))!.body) read.update(chunk);
  const ranges = [];
  // Over the border of a block, in the middle, and the very last bytes.
  for (const first of [block.length - 2, size / 2 - 2, size - 4]) {
    const expected = Buffer.from([0, 1, 2, 3].map((offset) => byteAt(first + offset))).toString('hex');
    const found = await stores.objects.get(at, 'large', { range: [first, first + 3] });
    const chunks: Uint8Array[] = [];
    for await (const chunk of found!.body) chunks.push(chunk);
    ranges.push({ made: expected, read: Buffer.concat(chunks).toString('hex') });
  }
  await stores.close();
  return {
    sha256: { made: made.digest('hex'), stored: info.sha256, read: read.digest('hex') },
    size: info.size,
    ranges,
    peakRss: process.resourceUsage().maxRSS * 1024,
  };
}

process.stdout.write(JSON.stringify(await work()));
