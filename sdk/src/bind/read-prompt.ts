import type { PromptArgumentSpec, PromptSpec } from '../contract/spec.ts';
import type { FieldReader } from './field-reader.ts';
import { readEntries } from './read-entries.ts';
import { readTimeout } from './read-timeout.ts';

export function readPrompt(fields: FieldReader, what: string): PromptSpec {
  const { findings } = fields.context;
  const name = fields.requiredText('name', 'Add <namespace>.<name>, for example "name: media.describe".');
  const title = fields.text('title');
  const description = fields.requiredText('description', 'Say what the prompt is for.');
  const handler = fields.requiredText('handler', 'Name the function in impl.ts that writes the messages.');
  const completer = fields.text('completer');
  const timeoutMs = readTimeout(fields, what);
  const entries = readEntries(fields, 'arguments', readArgument);

  const seen = new Set<string>();
  for (const { value, nameAt } of entries) {
    if (seen.has(value.name))
      findings.error('spec.duplicate_item', nameAt, `${what} has the argument "${value.name}" twice. Rename one.`);
    if (value.name !== '') seen.add(value.name);
  }
  if (entries.length === 0 && fields.node('completer')) {
    const message = `${what} has a completer, but no arguments to complete. Remove it, or add arguments.`;
    findings.error('spec.template_only', fields.at('completer'), message);
  }

  return {
    name: name ?? '',
    ...(title !== undefined && { title }),
    description: description ?? '',
    arguments: entries.map(({ value }) => value),
    handler: handler ?? '',
    ...(completer !== undefined && { completer }),
    timeoutMs,
  };
}

function readArgument(fields: FieldReader): PromptArgumentSpec {
  const name = fields.requiredText('name', 'Add the name that the handler receives the value under.');
  const description = fields.text('description');
  const required = fields.boolean('required') ?? false;
  return { name: name ?? '', ...(description !== undefined && { description }), required };
}
