import { defineConfig } from 'tsup';

const LIBRARY = {
  index: 'src/index.ts',
  'bind/index': 'src/bind/index.ts',
  'build/index': 'src/build/index.ts',
  'testing/index': 'src/testing/index.ts',
  'scaffold/index': 'src/scaffold/index.ts',
};

export default defineConfig({
  entry: {
    ...LIBRARY,
    'cli/index': 'src/cli/index.ts',
    // Started by path: the first in a process of its own, the second in a thread of its own.
    'check/probe': 'src/check/probe.ts',
    'load/ts-hooks': 'src/load/ts-hooks.ts',
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  // The command line is run, not imported: it has no types to ship.
  dts: { entry: LIBRARY },
  silent: true,
});
