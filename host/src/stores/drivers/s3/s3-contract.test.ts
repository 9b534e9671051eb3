import { alwaysHere, describeEngine } from '../../../../test/engines/describe-engine.ts';
import { startS3Server } from '../../../../test/engines/s3-server/s3-server.ts';
import { describeObjectStore } from '../../contract/object-store.contract.ts';
import { tempFolder } from '../../contract/temp-folder.ts';
import { objectsWithKeyCodec } from '../../with-key-codec.ts';
import { openSqlite } from '../sqlite/open-sqlite.ts';
import { SqliteTabularStore } from '../sqlite/sqlite-tabular-store.ts';
import { openS3 } from './open-s3.ts';

await describeEngine('s3', alwaysHere, () => {
  describeObjectStore('s3', async () => {
    const folder = await tempFolder();
    const server = await startS3Server();
    const names = await openSqlite(folder.path);
    const s3 = await openS3({ ...server, prefix: 'lab', names: new SqliteTabularStore(names), spoolDir: folder.path });
    const close = async (): Promise<void> => {
      await s3.close();
      names.close();
      await server.stop();
      await folder.remove();
    };
    return { store: objectsWithKeyCodec(s3.objects), close };
  });
});
