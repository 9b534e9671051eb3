import type { Effects, ScopeKind } from '../contract/spec.ts';
import { yamlText, type MuscleWords } from './fill-template.ts';

/** A scope that someone decided on before anyone wrote it. */
export interface StubScope {
  /** Whole name: `video.timeline.read`. */
  readonly name: string;
  readonly effects: Effects;
  readonly kind: ScopeKind;
  /** Type of the thing that policy and audit see the calls act on. */
  readonly subjectType?: string | undefined;
}

/** A wrapper with every scope wired to "not implemented", which is refused with 501 until its handler is written. */
export function stubFiles(words: MuscleWords, scopes: readonly StubScope[]): [string, string][] {
  const stubs = scopes.map((scope) => ({ ...scope, ...exportsOf(scope.name, words.id) }));
  return [
    ['spec.yaml', specText(words, stubs)],
    ['impl.ts', implText(words.id, stubs)],
    ['impl.test.ts', testText(stubs)],
    ['README.md', readmeText(words, stubs)],
  ];
}

interface Stub extends StubScope {
  readonly handler: string;
  readonly model: string;
}

/** `video.timeline.read` of the muscle `video_timeline` is run by `handleRead`. */
function exportsOf(name: string, id: string): { handler: string; model: string } {
  const namespaces = [id, id.replaceAll('_', '.')];
  const own = namespaces.find((namespace) => name.startsWith(`${namespace}.`));
  const operation = own === undefined ? name : name.slice(own.length + 1);
  const camel = operation
    .split(/[._]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return { handler: `handle${camel}`, model: `${camel}Input` };
}

function specText({ id, name, summary }: MuscleWords, stubs: readonly Stub[]): string {
  const head = [`id: ${id}`, `name: ${yamlText(name)}`, `summary: ${yamlText(summary)}`, `version: '0.1.0'`, 'scopes:'];
  const entries = stubs.map(({ name, handler, model, effects, kind, subjectType }) =>
    [
      `  - name: ${name}`,
      '    description: Not implemented yet. Say here what it does, and when a model should use it.',
      `    handler: ${handler}`,
      `    input_model: ${model}`,
      `    effects: ${effects}`,
      ...(kind === 'unary' ? [] : [`    kind: ${kind}`]),
      '    firearms_required: false',
      ...(subjectType === undefined ? [] : [`    subject: { type: ${subjectType} }`]),
    ].join('\n'),
  );
  return `${head.join('\n')}\n${entries.join('\n\n')}\n`;
}

function implText(id: string, stubs: readonly Stub[]): string {
  const models = stubs.map(({ model }) => `export const ${model} = z.object({});`);
  const handlers = stubs.map(({ name, handler, kind }) =>
    kind === 'stream'
      ? `export async function* ${handler}(): AsyncGenerator<string, void, void> {\n  yield await Promise.reject<string>(notImplemented('${name}'));\n}`
      : `export async function ${handler}(): Promise<never> {\n  throw notImplemented('${name}');\n}`,
  );
  const refusal = `/** For a scope whose service has no such method yet. */
function notImplemented(scope: string): MuscleError {
  return new MuscleError({
    code: '${id}.not_implemented',
    status: 501,
    message: \`\${scope} is not implemented yet; use another tool.\`,
  });
}`;
  const imports = `import { MuscleError } from '@northstar/sdk';\nimport { z } from 'zod';`;
  return `${[imports, models.join('\n'), ...handlers, refusal].join('\n\n')}\n`;
}

function testText(stubs: readonly Stub[]): string {
  const tests = stubs.map(
    ({ name, handler, kind }) =>
      `test('${name} says that it is not implemented', async () => {\n  await expect(impl.${handler}()${kind === 'stream' ? '.next()' : ''}).rejects.toThrow('not implemented');\n});`,
  );
  return `import { expect, test } from 'vitest';\nimport * as impl from './impl.ts';\n\n${tests.join('\n\n')}\n`;
}

function readmeText({ name, summary }: MuscleWords, stubs: readonly Stub[]): string {
  const list = stubs.map((stub) => `- \`${stub.name}\`: not implemented yet.`);
  return `# ${name}\n\n${summary}\n\n${list.join('\n')}\n\n## What it does not protect from\n\nNothing is implemented yet: every call is refused with 501.\n`;
}
