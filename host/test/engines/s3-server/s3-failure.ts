import type { ServerResponse } from 'node:http';

/** An answer of S3 that is an error: its HTTP status and its code in the XML. */
export class S3Failure extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message = code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function sendFailure(response: ServerResponse, { status, code, message }: S3Failure, method: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  // A HEAD has no body: clients know its errors by the status alone.
  const body = `<Error><Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message></Error>`;
  response.end(method === 'HEAD' ? undefined : xmlDocument(body));
}

export function xmlDocument(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${body}`;
}

export function xmlText(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
  return text.replace(/[&<>"']/g, (char) => entities[char]!);
}
