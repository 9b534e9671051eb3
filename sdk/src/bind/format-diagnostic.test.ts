import { describe, expect, it } from 'vitest';
import { didYouMean } from './did-you-mean.ts';
import { formatDiagnostic } from './format-diagnostic.ts';
import { wireName } from './names.ts';

describe('[BIND-02] every defect has file, line, column and a fix', () => {
  it('prints a finding as one line that editors can follow', () => {
    const finding = {
      severity: 'error',
      code: 'spec.unknown_key',
      message: 'Remove it.',
      file: 'a/spec.yaml',
    } as const;
    expect(formatDiagnostic({ ...finding, line: 3, column: 5 })).toBe(
      'a/spec.yaml:3:5 error spec.unknown_key: Remove it.',
    );
  });

  it('suggests the nearest word, and nothing when none is near', () => {
    expect(didYouMean('inputModel', ['handler', 'input_model'])).toBe('; did you mean "input_model"?');
    expect(didYouMean('ef', ['id', 'zzz'])).toBe('');
    expect(didYouMean('completely_different', ['id', 'name'])).toBe('');
  });

  it('writes wire names with underscores', () => {
    expect(wireName('media.v2.create')).toBe('media_v2_create');
  });
});
