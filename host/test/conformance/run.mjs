import { createJiti } from 'jiti';

// jiti's default interop puts a proxy around what a CommonJS package exports, behind which express reads no headers.
const jiti = createJiti(import.meta.url, { interopDefault: false });
const { main } = await jiti.import('./main.ts');
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
