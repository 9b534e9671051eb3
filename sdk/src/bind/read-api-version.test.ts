import { expect, test } from 'vitest';
import { parseSpec } from './parse-spec.ts';

const diagnose = (version: string) =>
  parseSpec({
    file: 'spec.yaml',
    text: `id: a\nname: A\nsummary: A.\napi_version: ${version}\nscopes:\n  - {name: a.b, description: Does it., handler: b, input_model: B}\n`,
  }).diagnostics;

test.each(['1', '1.0', '"1"', '"1.0"', '"1.0.7"'])('[SDK-03] api_version %s is spoken', (version) => {
  expect(diagnose(version)).toEqual([]);
});

test.each([
  ['2', /written for api_version 2, and this host speaks 1\.0, which is older\. Update the host/],
  ['1.1', /api_version 1\.1.*older\. Update the host.*write api_version: 1 if/],
  ['"1.2.3"', /api_version 1\.2\.3.*Update the host/],
  ['0', /api_version 0, .*which is newer\. Update the muscle/],
  ['0.9', /api_version 0\.9.*Update the muscle/],
])('[SDK-03] api_version %s is refused with what to update', (version, says) => {
  expect(diagnose(version)).toMatchObject([{ code: 'spec.unsupported_api_version', line: 4, column: 14 }]);
  expect(diagnose(version)[0]?.message).toMatch(says);
});

test.each(['one', '-1', '[1]', '1.0.0.0', '1e2'])('[SDK-03] api_version %s is no version', (version) => {
  expect(diagnose(version)).toMatchObject([{ code: 'spec.wrong_type', line: 4 }]);
});
