import { expect, test } from 'vitest';
import { errorFields, jsonLogger } from './logger.ts';

function logged(message: string, fields = {}): string {
  let out = '';
  jsonLogger({ write: (line) => (out += line) }, 'debug').log('info', message, fields);
  return out;
}

test('[SEC-13] control characters that terminals act on are escaped, in messages and in fields', () => {
  const hostile = 'a\r\n\u001b[2J\u007f\u009b31m\u2028b';
  const line = logged(hostile, { field: hostile });
  // eslint-disable-next-line no-control-regex
  expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028]/);
  expect(JSON.parse(line)).toMatchObject({ message: hostile, field: hostile });
});

test('[PIPE-03] an error whose causes form a circle is logged all the same', () => {
  const first = new Error('first');
  first.cause = new Error('second', { cause: first });
  expect(JSON.stringify(errorFields(first))).toContain('second');
});
