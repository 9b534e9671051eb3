import { FileObjectStore } from './drivers/files/file-object-store.ts';
import { openSqlite } from './drivers/sqlite/open-sqlite.ts';
import { SqliteEventSpine, type SpineClock } from './drivers/sqlite/sqlite-event-spine.ts';
import { SqliteTabularStore } from './drivers/sqlite/sqlite-tabular-store.ts';
import type { EventSpine } from './event-spine.ts';
import type { ObjectStore } from './object-store.ts';
import type { TabularStore } from './tabular-store.ts';
import { objectsWithKeyCodec, spineWithKeyCodec, tabularWithKeyCodec } from './with-key-codec.ts';

/** Everything a host keeps, in one folder: `northstar.db` for records and events, `objects/` for bytes. */
export interface EmbeddedStores {
  readonly tabular: TabularStore;
  readonly spine: EventSpine;
  readonly objects: ObjectStore;
  /** Commits what is queued and frees the folder. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens or creates the stores in a folder that no other process has open. An acknowledged write is on disk.
 *
 * @throws StoreError `unavailable` or `corrupt`; the message names the folder and says what to do.
 */
export async function openEmbeddedStores(dataDir: string, clock: SpineClock = {}): Promise<EmbeddedStores> {
  const engine = await openSqlite(dataDir);
  try {
    const records = new SqliteTabularStore(engine);
    return {
      tabular: tabularWithKeyCodec(records),
      spine: spineWithKeyCodec(new SqliteEventSpine(engine, clock)),
      objects: objectsWithKeyCodec(await FileObjectStore.open(dataDir, records)),
      async close() {
        engine.close();
      },
    };
  } catch (error) {
    engine.close();
    throw error;
  }
}
