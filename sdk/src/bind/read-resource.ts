import type { ResourceSpec } from '../contract/spec.ts';
import { didYouMean } from './did-you-mean.ts';
import type { FieldReader } from './field-reader.ts';
import type { Findings } from './findings.ts';
import type { SpecEntry } from './read-entries.ts';
import { readSubject } from './read-scope.ts';
import { readTimeout } from './read-timeout.ts';
import { uriProblem, uriShape, uriVariables } from './uri-template.ts';

export function readResource(fields: FieldReader, what: string): ResourceSpec {
  const { findings } = fields.context;
  const name = fields.requiredText('name', 'Add <namespace>.<name>, for example "name: media.assets".');
  const title = fields.text('title');
  const description = fields.requiredText('description', 'Say what a client reads there.');
  const uri = fields.requiredText('uri', 'Add a URI such as "media-v2://assets/{asset_id}".');
  const mimeType = fields.text('mime_type');
  const handler = fields.requiredText('handler', 'Name the function in impl.ts that reads the resource.');
  const lister = fields.text('lister');
  const completer = fields.text('completer');
  const subject = readSubject(fields, what);
  const timeoutMs = readTimeout(fields, what);

  const problem = uri === undefined ? undefined : uriProblem(uri);
  if (problem) findings.error('spec.invalid_uri', fields.at('uri'), `The uri "${uri}" ${problem}`);
  if (uri !== undefined && !problem) {
    const variables = uriVariables(uri);
    for (const role of ['lister', 'completer'] as const) {
      if (variables.length > 0 || !fields.node(role)) continue;
      const message = `${what} has a ${role}, but its uri has no {variable}. Remove the ${role}, or make the uri a template.`;
      findings.error('spec.template_only', fields.at(role), message);
    }
    if (subject?.id !== undefined && !variables.includes(subject.id)) {
      const hint = didYouMean(subject.id, variables) || '. Name one of its {variables}, or leave subject.id out.';
      const message = `${what} has no variable "${subject.id}" in its uri${hint}`;
      findings.error('spec.unknown_subject_variable', fields.at('subject', 'id'), message);
    }
  }

  return {
    name: name ?? '',
    ...(title !== undefined && { title }),
    description: description ?? '',
    uri: uri ?? '',
    ...(mimeType !== undefined && { mimeType }),
    handler: handler ?? '',
    ...(lister !== undefined && { lister }),
    ...(completer !== undefined && { completer }),
    ...(subject && { subject }),
    timeoutMs,
  };
}

/** Reports resources of one muscle that answer the same URIs. */
export function checkResourceUris(resources: readonly SpecEntry<ResourceSpec>[], findings: Findings): void {
  const taken = new Map<string, number>();
  for (const { value, fields } of resources) {
    if (value.uri === '') continue;
    const at = fields.at('uri');
    const line = taken.get(uriShape(value.uri));
    if (line !== undefined) {
      findings.error(
        'spec.duplicate_uri',
        at,
        `The uri on line ${line} matches the same resources. Change one of them.`,
      );
    } else taken.set(uriShape(value.uri), at.line);
  }
}
