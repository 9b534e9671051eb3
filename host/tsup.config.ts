import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'cli/main': 'src/cli/main.ts',
    'testing/index': 'src/testing/index.ts',
    'isolate/entry': 'src/muscles/isolation/inside/entry.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  // The host must load the SDK that muscles get, so it stays outside the bundle.
  external: ['@northstar/sdk'],
  dts: { entry: { index: 'src/index.ts', 'testing/index': 'src/testing/index.ts' } },
  silent: true,
});
