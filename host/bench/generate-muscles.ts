import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SCOPES_PER_MUSCLE = 10;

/** Name of the bare SDK server's only tool. */
export const SDK_TOOL = 'echo';

const muscleId = (index: number): string => `bench_${String(index).padStart(3, '0')}`;

export function muscleIds(tools: number): string[] {
  return Array.from({ length: tools / SCOPES_PER_MUSCLE }, (_, index) => muscleId(index));
}

/** Names on the wire of the tools that `writeMuscles` makes. */
export function toolNames(tools: number): string[] {
  return muscleIds(tools).flatMap((id) =>
    Array.from({ length: SCOPES_PER_MUSCLE }, (_, scope) => `${id}_operation_${scope}`),
  );
}

/** Writes muscles of ten scopes each. Every scope has models of its own, as it would in real muscles. */
export async function writeMuscles(folder: string, tools: number): Promise<void> {
  for (const id of muscleIds(tools)) {
    const dir = join(folder, id);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'spec.yaml'), specOf(id));
    await writeFile(join(dir, 'impl.ts'), implementationOf());
  }
}

const scopeIndexes = Array.from({ length: SCOPES_PER_MUSCLE }, (_, index) => index);

function specOf(id: string): string {
  const scopes = scopeIndexes.map(
    (scope) => `
  - name: ${id}.operation_${scope}
    title: Operation ${scope}
    description: Sends the text back as often as asked, in the wanted case. Operation ${scope} of ${id}, made for the benchmark.
    handler: handle${scope}
    input_model: Input${scope}
    output_model: Output${scope}
    effects: read
    firearms_required: false`,
  );
  return `id: ${id}
name: Bench ${id}
summary: Made for the benchmark.
version: '1.0.0'
scopes:${scopes.join('')}
`;
}

function implementationOf(): string {
  const scopes = scopeIndexes.map(
    (scope) => `
export const Input${scope} = z.object({
  text: z.string().max(1000).describe('Text to send back.'),
  times: z.number().int().min(1).max(10).describe('How often.'),
  mode: z.enum(['plain', 'upper', 'lower']).optional().describe('Case of the answer.'),
});
export const Output${scope} = z.object({ text: z.string(), times: z.number().int(), mode: z.string() });
export function handle${scope}(_ctx: unknown, args: z.infer<typeof Input${scope}>): z.infer<typeof Output${scope}> {
  return { text: args.text, times: args.times, mode: args.mode ?? 'plain' };
}
`,
  );
  return `import { z } from 'zod';\n${scopes.join('')}`;
}
