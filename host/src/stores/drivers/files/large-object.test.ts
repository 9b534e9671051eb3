import { itTakesLargeObjects } from '../../contract/large-object.contract.ts';

itTakesLargeObjects('files', (folder) => ({ kind: 'files', folder }));
