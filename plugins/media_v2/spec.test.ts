import { readFile } from 'node:fs/promises';
import { bindMuscle, parseSpec } from '@northstar/sdk/bind';
import { expect, it } from 'vitest';
import * as impl from './impl.ts';

const text = await readFile(new URL('spec.yaml', import.meta.url), 'utf8');
const parsed = parseSpec({ text, file: 'spec.yaml', folderName: 'media_v2', strict: true });
const bound = bindMuscle({ ...parsed, spec: parsed.spec!, file: 'spec.yaml', exports: impl, implFile: 'impl.ts' });
const scopes = bound.muscle?.scopes ?? [];

it('names exports of impl.ts only, and has no key that the host does not know', () => {
  expect(parsed.diagnostics).toEqual([]);
  expect(bound.diagnostics).toEqual([]);
});

it('has the six scopes, the two resources and the prompt, with what they do to the world', () => {
  expect(scopes.map(({ spec }) => `${spec.effects} ${spec.name}`)).toEqual([
    'write media_v2.create_asset',
    'read media_v2.get_asset',
    'read media_v2.list_assets',
    'write media_v2.add_artifact',
    'read media_v2.list_artifacts',
    'read media_v2.get_content',
  ]);
  expect(bound.muscle?.resources.map(({ spec }) => spec.name)).toEqual([
    'media_v2.asset_content',
    'media_v2.artifact_content',
  ]);
  expect(bound.muscle?.prompts.map(({ spec }) => spec.name)).toEqual(['media_v2.describe_asset']);
});

it('exports nothing but what the spec names', () => {
  const named = [...text.matchAll(/(?:handler|lister|completer|input_model|output_model): (\w+)/g)].map((m) => m[1]);
  expect(Object.keys(impl).sort()).toEqual([...new Set(named)].sort());
});

it('titles every scope and says of every argument what it is', () => {
  for (const { spec, inputSchema } of scopes) {
    expect(spec.title, spec.name).toBeTruthy();
    expect(spec.subject?.type, spec.name).toBe('media_asset');
    for (const [name, schema] of Object.entries(inputSchema.properties as Record<string, { description?: string }>))
      expect(schema.description, `${spec.name} ${name}`).toBeTruthy();
  }
});

it('publishes numbers as integers and tags as a list, although a query string has texts only', () => {
  const properties = (name: string) => scopes.find(({ spec }) => spec.name === name)?.inputSchema.properties;
  expect(properties('media_v2.list_assets')).toMatchObject({
    limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  });
  expect(properties('media_v2.create_asset')).toMatchObject({ tags: { type: 'array', items: { type: 'string' } } });
  const create = scopes[0]?.inputSchema;
  expect(create?.required).toEqual(['name']);
  expect(impl.ListAssetsInput.parse({ limit: '7' }).limit).toBe(7);
  expect(impl.CreateAssetInput.parse({ name: 'x', tags: 'invoice' }).tags).toEqual(['invoice']);
});
