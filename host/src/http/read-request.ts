import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { NorthstarError } from '../errors/northstar-error.ts';
import { JsonSyntaxError, readJsonBody } from '../gateway/json-body.ts';

export function isJson(req: IncomingMessage): boolean {
  return /^application\/(json|[^;]+\+json)\s*(;|$)/i.test(req.headers['content-type'] ?? '');
}

export function hasBody(req: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}

/** The JSON body of a request; `undefined` when it has none. */
export async function readBody(req: IncomingMessage, limit: number): Promise<unknown> {
  const declared = req.headers['content-type'];
  if (declared !== undefined && hasBody(req) && !isJson(req))
    throw new NorthstarError(
      'request.unsupported_media_type',
      `Send the body as application/json, not ${declared.slice(0, 80)}.`,
    );
  try {
    return await readJsonBody(req, limit);
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw new NorthstarError('request.invalid', `The body is not JSON: ${error.message}.`);
    throw error;
  }
}

/** The JSON body, checked against a model; unknown fields are refused, because a typo in a policy must not pass. */
export async function readModel<M extends z.ZodType>(
  req: IncomingMessage,
  limit: number,
  model: M,
): Promise<z.infer<M>> {
  return checked(model, await readBody(req, limit), 'body');
}

/** Query parameters, checked against a model. */
export function readQuery<M extends z.ZodType>(url: URL, model: M): z.infer<M> {
  return checked(model, Object.fromEntries(url.searchParams), 'query');
}

function checked<M extends z.ZodType>(model: M, value: unknown, where: 'body' | 'query'): z.infer<M> {
  const parsed = model.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const named = issues.map((issue) => `${issue.path || where}: ${issue.message}`).join('; ');
  throw new NorthstarError('request.invalid', `The ${where} is not as expected: ${named}.`, { details: { issues } });
}
