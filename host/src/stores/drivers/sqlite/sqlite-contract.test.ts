import { alwaysHere, describeEngine } from '../../../../test/engines/describe-engine.ts';
import { describeEventSpine } from '../../contract/event-spine.contract.ts';
import { describeTabularStore } from '../../contract/tabular-store.contract.ts';
import { tempFolder } from '../../contract/temp-folder.ts';
import { describeVersionedStore } from '../../contract/versioned-store.contract.ts';
import { spineWithKeyCodec, tabularWithKeyCodec } from '../../with-key-codec.ts';
import { openSqlite, type SqliteEngine } from './open-sqlite.ts';
import { SqliteEventSpine } from './sqlite-event-spine.ts';
import { SqliteTabularStore } from './sqlite-tabular-store.ts';

async function opened<Store>(
  build: (engine: SqliteEngine) => Store,
): Promise<{ store: Store; close(): Promise<void> }> {
  const folder = await tempFolder();
  const engine = await openSqlite(folder.path);
  const close = async (): Promise<void> => {
    engine.close();
    await folder.remove();
  };
  return { store: build(engine), close };
}

await describeEngine('filesystem', alwaysHere, () => {
  describeTabularStore('sqlite', () => opened((engine) => tabularWithKeyCodec(new SqliteTabularStore(engine))));
  describeEventSpine('sqlite', (clock) => opened((engine) => spineWithKeyCodec(new SqliteEventSpine(engine, clock))));
  describeVersionedStore('sqlite', () =>
    opened((engine) => ({
      tabular: tabularWithKeyCodec(new SqliteTabularStore(engine)),
      spine: spineWithKeyCodec(new SqliteEventSpine(engine)),
    })),
  );
});
