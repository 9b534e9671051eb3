import type { JsonSchema } from '../contract/json.ts';
import { EFFECTS, SCOPE_KINDS, type ScopeSpec, type SubjectRef } from '../contract/spec.ts';
import { FieldReader } from './field-reader.ts';
import { readExamples } from './read-examples.ts';
import { readHttp } from './read-http.ts';
import { readTimeout } from './read-timeout.ts';
import { plainValue } from './yaml-node.ts';

export function readScope(fields: FieldReader, what: string): ScopeSpec {
  const { findings } = fields.context;
  const name = fields.requiredText('name', 'Add <namespace>.<operation>, for example "name: media.read".');
  const title = fields.text('title');
  const description = fields.requiredText('description', 'Say what a call does; models choose tools by this text.');
  const handler = fields.requiredText('handler', 'Name the function in impl.ts that runs the scope.');
  const inputModel = fields.text('input_model');
  const inputSchema = fields.mapping('input_schema');
  const outputModel = fields.text('output_model');
  const effects = fields.choice('effects', EFFECTS) ?? 'destructive';
  const kind = fields.choice('kind', SCOPE_KINDS) ?? 'unary';
  const timeoutMs = readTimeout(fields, what, kind);
  const subject = readSubject(fields, what);
  const http = readHttp(fields, what);
  const examples = readExamples(fields);
  const firearms = fields.boolean('firearms_required');

  if (firearms === true) {
    const message = `${what} has firearms_required: true, but policy decides that at run time. Remove the line and bind the scope with PUT /firearms/bindings instead.`;
    findings.error('spec.firearms_in_spec', fields.at('firearms_required'), message);
  }
  if (fields.node('input_model') && fields.node('input_schema')) {
    const message = `${what} has both input_model and input_schema. Keep the one that is meant to check the arguments.`;
    findings.error('spec.input_conflict', fields.at('input_schema'), message);
  } else if (!fields.node('input_model') && !fields.node('input_schema')) {
    const message = `${what} says nothing about its arguments. Add "input_model" with the name of a zod object in impl.ts, or an input_schema.`;
    findings.error('spec.input_missing', fields.map.at, message);
  }

  return {
    name: name ?? '',
    ...(title !== undefined && { title }),
    description: description ?? '',
    handler: handler ?? '',
    ...(inputModel !== undefined && { inputModel }),
    ...(inputSchema && { inputSchema: plainValue(inputSchema) as JsonSchema }),
    ...(outputModel !== undefined && { outputModel }),
    effects,
    kind,
    ...(subject && { subject }),
    timeoutMs,
    ...(http && { http }),
    examples,
  };
}

/** `{type, id?}`: where policy finds the thing that a call acts on. */
export function readSubject(parent: FieldReader, what: string): SubjectRef | undefined {
  const map = parent.mapping('subject');
  if (!map) return undefined;
  const fields = new FieldReader(map, `${what} (subject)`, parent.context);
  const type = fields.requiredText('type', 'Add the kind of thing the call acts on, for example "type: media_asset".');
  const id = fields.text('id');
  fields.close();
  return { type: type ?? '', ...(id !== undefined && { id }) };
}
