import { afterAll, beforeAll } from 'vitest';
import { startAzurite, type Azurite } from '../../../../test/engines/azurite/start-azurite.ts';
import { describeEngine, whyNotStarting } from '../../../../test/engines/describe-engine.ts';
import { itTakesLargeObjects } from '../../contract/large-object.contract.ts';

await describeEngine('azure_blob large', whyNotStarting(startAzurite), () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite?.stop());

  itTakesLargeObjects('Azure Blob', (folder) => ({
    kind: 'azure_blob',
    folder,
    connectionString: azurite.connectionString,
  }));
});
