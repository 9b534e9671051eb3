import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Of the repository: vitest keeps its cache in the node_modules there.
  root: fileURLToPath(new URL('../../../..', import.meta.url)),
  resolve: { conditions: ['northstar-source'] },
  ssr: { resolve: { conditions: ['northstar-source'] } },
  test: { include: ['host/test/engines/firestore-emulator/stock.suite.ts'], testTimeout: 20_000 },
});
