import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SCOPES = 5;
const scopes = Array.from({ length: SCOPES }, (_, index) => `operation_${index}`);

export const muscleId = (index: number): string => `reload_${String(index).padStart(4, '0')}`;

/** spec.yaml of a muscle with five scopes, and as many more as are named. */
export function specOf(id: string, extra: readonly string[] = [], isolation = 'inline'): string {
  const lines = [...scopes, ...extra].map(
    (scope, index) =>
      `  - {name: ${id}.${scope}, description: Sends the text back. Made for the benchmark., handler: handle${index % SCOPES}, input_model: Input${index % SCOPES}, effects: read}`,
  );
  return `id: ${id}\nname: ${id}\nsummary: Made for the benchmark.\nisolation: ${isolation}\nscopes:\n${lines.join('\n')}\n`;
}

/** Code that is TypeScript and JavaScript at once, with a model for each scope, as real muscles have them. */
export function implOf(version: number): string {
  const parts = scopes.map(
    (_, index) => `
export const Input${index} = z.object({
  text: z.string().max(1000).default('').describe('Text to send back.'),
  times: z.number().int().min(1).max(10).default(1).describe('How often.'),
  tags: z.array(z.object({ key: z.string(), value: z.string().optional() })).max(20).default([]),
  mode: z.enum(['plain', 'upper', 'lower']).optional().describe('Case of the answer.'),
});
export const handle${index} = (_ctx, args) => ({ version: ${version}, text: args.text.repeat(args.times) });
`,
  );
  return `// @ts-nocheck\nimport { z } from 'zod';\n${parts.join('')}`;
}

/** Writes `count` muscles, as source or as built. */
export async function writeReloadMuscles(root: string, count: number, file: 'impl.ts' | 'impl.js'): Promise<void> {
  for (let index = 0; index < count; index++) {
    const dir = join(root, muscleId(index));
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'spec.yaml'), specOf(muscleId(index)));
    await writeFile(join(dir, file), implOf(0));
    if (file === 'impl.js') await writeFile(join(dir, 'package.json'), '{"type":"module"}');
  }
}
