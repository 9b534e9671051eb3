/** Part of the SDK, so that a built muscle states the same digests that the host records. */
export { canonicalJson, sha256OfJson } from '@northstar/sdk/bind';
