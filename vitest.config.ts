import { defineConfig } from 'vitest/config';
import { EngineReporter } from './host/test/engines/engine-reporter.ts';

export default defineConfig({
  resolve: { conditions: ['northstar-source'] },
  ssr: { resolve: { conditions: ['northstar-source'] } },
  test: {
    include: ['{sdk,host,plugins,examples}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/out/**', '**/fixtures/**', 'sdk/templates/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: ['default', new EngineReporter()],
    // Built muscles are imported by Node itself, in tests too: that is what they are built for.
    server: { deps: { external: [/[?]northstar-built=/] } },
  },
});
