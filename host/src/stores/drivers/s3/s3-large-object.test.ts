import { afterAll, beforeAll } from 'vitest';
import { alwaysHere, describeEngine } from '../../../../test/engines/describe-engine.ts';
import { startS3Server, type S3Server } from '../../../../test/engines/s3-server/s3-server.ts';
import { itTakesLargeObjects } from '../../contract/large-object.contract.ts';

await describeEngine('s3 large', alwaysHere, () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server?.stop());

  itTakesLargeObjects('S3', (folder) => {
    const { endpoint, region, bucket, credentials } = server;
    return { kind: 's3', folder, endpoint, region, bucket, credentials };
  });
});
