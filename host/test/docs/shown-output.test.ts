import { expect, test } from 'vitest';
import { applyDiff } from './apply-diff.ts';
import { answered, printed } from './shown-output.ts';

test('[DOC-07] lines that a page shows must be printed one after the other, and whole', () => {
  const output = 'added 3 packages\n\nbuilt into \u001b[1mdist\u001b[0m (2 scopes)\ndigest sha256:ab12\n';
  expect(printed(output, 'built into dist (2 scopes)\ndigest sha256:…\n')).toBe(true);
  expect(printed(output, 'built into dist')).toBe(false);
  expect(printed(output, 'added 3 packages\nbuilt into dist (2 scopes)')).toBe(false);
  expect(printed(output, 'built into d.st (2 scopes)')).toBe(false);
});

test('[DOC-07] an answer that a page shows must be that answer, with no member more or less', () => {
  const answer = { id: 'req_1', tags: ['a'], size: 2 };
  expect(answered(answer, { id: 'req_…', tags: ['a'], size: 2 })).toBe(true);
  expect(answered(answer, { id: 'job_…', tags: ['a'], size: 2 })).toBe(false);
  expect(answered(answer, { id: '…', tags: ['a', 'b'], size: 2 })).toBe(false);
  expect(answered(answer, { id: '…', tags: ['a'] })).toBe(false);
  expect(answered(answer, { id: '…', tags: ['a'], size: 3 })).toBe(false);
});

test('[DOC-07] a change that a page shows must fit the file in exactly one place', () => {
  expect(applyDiff('a\nb\nc\nd\n', ' a\n-b\n+B\n@@\n-d\n+D\n')).toBe('a\nB\nc\nD\n');
  expect(() => applyDiff('a\nb\n', '-c\n+C\n')).toThrow('0 times');
  expect(() => applyDiff('a\nb\na\n', '-a\n+A\n')).toThrow('2 times');
});
