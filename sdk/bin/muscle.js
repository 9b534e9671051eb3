#!/usr/bin/env node
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/index.js', import.meta.url);
if (existsSync(built)) {
  const { muscleProgram, runProgram } = await import(built.href);
  process.exitCode = await runProgram(muscleProgram, process.argv.slice(2));
} else {
  process.stderr.write('error @northstar/sdk is not built yet; run: npm run build\n');
  process.exitCode = 1;
}
