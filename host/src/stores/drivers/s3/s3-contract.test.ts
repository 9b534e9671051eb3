import { alwaysHere, describeEngine } from '../../../../test/engines/describe-engine.ts';
import { startS3Server, type S3Server } from '../../../../test/engines/s3-server/s3-server.ts';
import { describeObjectFailures } from '../../contract/object-failures.contract.ts';
import { describeObjectStore } from '../../contract/object-store.contract.ts';
import { tempFolder } from '../../contract/temp-folder.ts';
import { objectsWithKeyCodec } from '../../with-key-codec.ts';
import { openSqlite } from '../sqlite/open-sqlite.ts';
import { SqliteTabularStore } from '../sqlite/sqlite-tabular-store.ts';
import { openS3 } from './open-s3.ts';

async function opened(server: S3Server, endpoint = server.endpoint, timeoutMs?: number) {
  const folder = await tempFolder();
  const names = await openSqlite(folder.path);
  const place = { prefix: 'lab', names: new SqliteTabularStore(names), spoolDir: folder.path };
  const timeouts = timeoutMs === undefined ? {} : { requestTimeout: timeoutMs, socketTimeout: timeoutMs };
  const s3 = await openS3({ ...server, endpoint, ...place }, timeouts);
  const close = async (): Promise<void> => {
    await s3.close();
    names.close();
    await folder.remove();
  };
  return { store: objectsWithKeyCodec(s3.objects), close };
}

await describeEngine('s3', alwaysHere, () => {
  describeObjectStore('s3', async () => {
    const server = await startS3Server();
    const { store, close } = await opened(server);
    return { store, close: () => close().then(server.stop) };
  });
  describeObjectFailures('s3', async () => {
    const server = await startS3Server();
    const { hostname: host, port } = new URL(server.endpoint);
    // The client asks a dozen times before it gives up.
    const open = (address: string, timeoutMs: number) => opened(server, `http://${address}`, timeoutMs / 4);
    return { host, port: Number(port), open, close: server.stop };
  });
});
