import { HTTP_METHODS, type HttpBinding } from '../contract/spec.ts';
import { didYouMean } from './did-you-mean.ts';
import { FieldReader } from './field-reader.ts';
import { httpPathProblem, isReservedPath } from './http-path.ts';

const BODIES = ['json', 'stream'] as const;
const BODILESS: readonly string[] = ['GET', 'DELETE'];

export function readHttp(parent: FieldReader, what: string): HttpBinding | undefined {
  const map = parent.mapping('http');
  if (!map) return undefined;
  const { findings } = parent.context;
  const fields = new FieldReader(map, `${what} (http)`, parent.context);
  const method = readMethod(fields);
  const path = fields.requiredText('path', 'Add a path such as "/media-v2/assets".');
  const body = fields.choice('body', BODIES) ?? 'json';
  fields.close();

  if (path !== undefined) {
    const problem = httpPathProblem(path);
    if (problem) findings.error('spec.invalid_http_path', fields.at('path'), `The http path "${path}" ${problem}`);
    else if (isReservedPath(path)) {
      const message = `"/${path.split('/')[1]}" belongs to the host. Start the path with a word of your own, such as the id of the muscle.`;
      findings.error('spec.reserved_http_path', fields.at('path'), message);
    }
  }
  if (method && body === 'stream' && BODILESS.includes(method)) {
    const message = `${method} carries no body, so there is nothing to stream. Use POST or PUT, or remove "body: stream".`;
    findings.error('spec.body_not_allowed', fields.at('body'), message);
  }
  return { method: method ?? 'POST', path: path ?? '', body };
}

function readMethod(fields: FieldReader): HttpBinding['method'] | undefined {
  const text = fields.requiredText('method', `Add one of ${HTTP_METHODS.join(', ')}.`);
  if (text === undefined) return undefined;
  const method = HTTP_METHODS.find((candidate) => candidate === text);
  if (!method) {
    const hint = didYouMean(text, HTTP_METHODS) || '.';
    const message = `"${text}" is not one of ${HTTP_METHODS.join(', ')}${hint}`;
    fields.context.findings.error('spec.invalid_choice', fields.at('method'), message);
  }
  return method;
}
