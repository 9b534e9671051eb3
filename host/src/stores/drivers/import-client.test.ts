import { expect, it } from 'vitest';
import { expectCode } from '../contract/contract-kit.ts';
import { importClient } from './import-client.ts';

it('names the package that is missing and the command that installs it', async () => {
  const missing = Object.assign(new Error("Cannot find package 'x'"), { code: 'ERR_MODULE_NOT_FOUND' });
  const { message, cause } = await expectCode(
    'unavailable',
    importClient('s3', '@aws-sdk/client-s3', () => Promise.reject(missing)),
  );
  expect(message).toBe(
    'The s3 engine needs the package @aws-sdk/client-s3; install it beside the host: npm install @aws-sdk/client-s3',
  );
  expect(cause).toBe(missing);
});

it('passes on the module, and any other failure as it is', async () => {
  expect(await importClient('s3', 'x', async () => 7)).toBe(7);
  await expect(importClient('s3', 'x', () => Promise.reject(new SyntaxError('bad')))).rejects.toThrow(SyntaxError);
});
