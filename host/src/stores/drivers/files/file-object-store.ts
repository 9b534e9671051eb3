import { join } from 'node:path';
import type { TabularStore } from '../../tabular-store.ts';
import { NamedObjectStore } from '../named-object-store.ts';
import { BlobFolder } from './blob-folder.ts';

/** Objects as files in `<dataDir>/objects`. */
export class FileObjectStore extends NamedObjectStore {
  /** `names` is the driver itself, below the key codec. Its caps are these: whoever has the names may use the folder. */
  static async open(dataDir: string, names: TabularStore): Promise<FileObjectStore> {
    return new FileObjectStore(await BlobFolder.open(join(dataDir, 'objects')), names, names.caps);
  }
}
