import { expect, it } from 'vitest';
import { verifySignature } from './sig-v4.ts';

it('checks the example of the signature documentation', () => {
  // From the S3 API reference, "Signature Calculations for the Authorization Header", GET with a range.
  const headers = {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-amz-date': '20130524T000000Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,' +
      'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,' +
      'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  };
  const request = { method: 'GET', path: '/test.txt', query: new URLSearchParams(), headers };
  const keys = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  };
  const now = Date.parse('2013-05-24T00:00:00Z');
  verifySignature(request, keys, now);
  expect(() => verifySignature({ ...request, path: '/other.txt' }, keys, now)).toThrow('SignatureDoesNotMatch');
});
