import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['northstar-source'] },
  ssr: { resolve: { conditions: ['northstar-source'] } },
  test: {
    include: ['{sdk,host,plugins,examples}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/out/**', '**/fixtures/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Built muscles are imported by Node itself, in tests too: that is what they are built for.
    server: { deps: { external: [/[?]northstar-built=/] } },
  },
});
