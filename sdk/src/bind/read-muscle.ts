import { CAPABILITIES, ISOLATIONS, JOB_COMPANIONS, type Capability, type MuscleSpec } from '../contract/spec.ts';
import { readApiVersion } from './read-api-version.ts';
import { checkHttpRoutes } from './check-http-routes.ts';
import { checkNames, type NamedEntry } from './check-names.ts';
import { didYouMean } from './did-you-mean.ts';
import { FieldReader, type ReadContext } from './field-reader.ts';
import { isMuscleId, isNamespace } from './names.ts';
import { readEntries } from './read-entries.ts';
import { readPrompt } from './read-prompt.ts';
import { checkResourceUris, readResource } from './read-resource.ts';
import { readScope } from './read-scope.ts';
import type { YamlMap } from './yaml-node.ts';

const VERSION = /^\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** Reads the top level of a spec. The result is sound only if `context.findings` holds no error afterwards. */
export function readMuscle(root: YamlMap, context: ReadContext, folderName: string | undefined): MuscleSpec {
  const { findings } = context;
  const fields = new FieldReader(root, 'The spec', context);
  const id = readId(fields, folderName);
  const name = fields.requiredText('name', 'Add a title for people, for example "name: Media".');
  const summary = fields.requiredText('summary', 'Add one sentence on what the muscle does.');
  const apiVersion = readApiVersion(fields);
  const version = readVersion(fields);
  const declared = readNamespace(fields);
  const requires = readRequires(fields);
  const isolation = fields.choice('isolation', ISOLATIONS) ?? 'inline';
  const isolationGroup = readIsolationGroup(fields);

  const scopes = readEntries(fields, 'scopes', readScope);
  const resources = readEntries(fields, 'resources', readResource);
  const prompts = readEntries(fields, 'prompts', readPrompt);
  if (!fields.has('scopes'))
    fields.missing('scopes', 'Add a list of scopes; "scopes: []" is for muscles with resources or prompts only.');
  else if (isEmpty(fields, 'scopes') && isEmpty(fields, 'resources') && isEmpty(fields, 'prompts')) {
    findings.error(
      'spec.nothing_to_serve',
      fields.at('scopes'),
      'The muscle has nothing to serve. Add a scope, a resource or a prompt.',
    );
  }
  fields.close();

  const entries: NamedEntry[] = [
    ...scopes.map(({ value, nameAt }) => ({ what: 'scope' as const, name: value.name, at: nameAt })),
    ...scopes.flatMap(({ value, nameAt }) =>
      value.kind === 'job' && value.name !== ''
        ? JOB_COMPANIONS.map((part) => ({ what: 'scope' as const, name: `${value.name}.${part}`, at: nameAt }))
        : [],
    ),
    ...resources.map(({ value, nameAt }) => ({ what: 'resource' as const, name: value.name, at: nameAt })),
    ...prompts.map(({ value, nameAt }) => ({ what: 'prompt' as const, name: value.name, at: nameAt })),
  ].filter((entry) => entry.name !== '');
  // An invalid namespace or id was reported; judging every name by it would only repeat that.
  const owner = declared.sound ? { namespace: declared.namespace, id } : {};
  const namespace = checkNames(entries, owner, findings) ?? '';
  checkHttpRoutes(scopes, findings);
  checkResourceUris(resources, findings);

  return {
    id: id ?? '',
    name: name ?? '',
    summary: summary ?? '',
    apiVersion,
    version,
    namespace,
    requires,
    isolation,
    ...(isolationGroup !== undefined && { isolationGroup }),
    scopes: scopes.map(({ value }) => value),
    resources: resources.map(({ value }) => value),
    prompts: prompts.map(({ value }) => value),
  };
}

function readId(fields: FieldReader, folderName: string | undefined): string | undefined {
  const { findings } = fields.context;
  const id = fields.requiredText('id', 'Add the name of the folder as id.');
  if (id === undefined) return undefined;
  if (!isMuscleId(id)) {
    const message = `"${id}" is not an id. Use 1 to 40 lower-case letters, digits and underscores, a letter first.`;
    findings.error('spec.invalid_id', fields.at('id'), message);
    return undefined;
  }
  if (folderName !== undefined && id !== folderName) {
    const message = `The id "${id}" differs from the folder "${folderName}". Rename one of them, so that each muscle is found by its id.`;
    findings.error('spec.id_folder_mismatch', fields.at('id'), message);
  }
  return id;
}

function readVersion(fields: FieldReader): string {
  const version = fields.text('version') ?? '0.0.0';
  if (!VERSION.test(version)) {
    const message = `"${version}" is not a version. Write three numbers, for example version: "1.0.0".`;
    fields.context.findings.error('spec.invalid_version', fields.at('version'), message);
  }
  return version;
}

/** `sound` is false when a namespace is there but unusable. */
function readNamespace(fields: FieldReader): { namespace?: string; sound: boolean } {
  const namespace = fields.text('namespace');
  if (namespace === undefined) return { sound: fields.node('namespace') === undefined };
  if (isNamespace(namespace)) return { namespace, sound: true };
  const message = `"${namespace}" is not a namespace. Write lower-case words joined by dots, for example "video.timeline".`;
  fields.context.findings.error('spec.invalid_namespace', fields.at('namespace'), message);
  return { sound: false };
}

function readRequires(fields: FieldReader): Capability[] {
  const { findings } = fields.context;
  const known: readonly string[] = CAPABILITIES;
  const requires: Capability[] = [];
  for (const item of fields.list('requires')?.items ?? []) {
    const name = item.kind === 'scalar' ? String(item.value) : undefined;
    if (name === undefined)
      findings.error('spec.wrong_type', item.at, `Each entry of requires must be one of ${known.join(', ')}.`);
    else if (!known.includes(name)) {
      const hint = didYouMean(name, known) || `. Known ones: ${known.join(', ')}.`;
      findings.error('spec.unknown_capability', item.at, `This host has no capability "${name}"${hint}`);
    } else if (requires.includes(name as Capability)) {
      findings.error('spec.duplicate_item', item.at, `requires names "${name}" twice. Remove one.`);
    } else requires.push(name as Capability);
  }
  return requires;
}

function readIsolationGroup(fields: FieldReader): string | undefined {
  const group = fields.text('isolation_group');
  if (group === undefined || isMuscleId(group)) return group;
  const message = `"${group}" is not the name of a group. Use 1 to 40 lower-case letters, digits and underscores, a letter first.`;
  fields.context.findings.error('spec.invalid_isolation_group', fields.at('isolation_group'), message);
  return undefined;
}

function isEmpty(fields: FieldReader, key: string): boolean {
  const node = fields.node(key);
  return node === undefined || (node.kind === 'list' && node.items.length === 0);
}
