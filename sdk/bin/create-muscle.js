#!/usr/bin/env node
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/index.js', import.meta.url);
if (existsSync(built)) {
  const { createMuscleCommand, runCommand } = await import(built.href);
  process.exitCode = await runCommand(createMuscleCommand, process.argv.slice(2));
} else {
  process.stderr.write('error @northstar/sdk is not built yet; run: npm run build\n');
  process.exitCode = 1;
}
