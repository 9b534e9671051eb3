import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['northstar-source'] },
  ssr: { resolve: { conditions: ['northstar-source'] } },
  test: { include: ['stock.suite.ts'], testTimeout: 20_000 },
});
