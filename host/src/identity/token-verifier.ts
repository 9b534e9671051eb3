import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import type { AuthConfig } from '../config/host-config.ts';
import { NorthstarError } from '../errors/northstar-error.ts';
import { CLOCK_TOLERANCE_MS } from './request-context.ts';

/** Checks a bearer token and returns its claims, or throws `identity.unauthenticated` / `identity.unavailable`. */
export type TokenVerifier = (token: string) => Promise<JWTPayload>;

/** Asymmetric only: with a shared secret anyone who can verify could also sign, and `none` is no signature at all. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Verifies OAuth 2.1 access tokens (RFC 9068) against the issuer's published keys. */
export function createTokenVerifier(auth: Extract<AuthConfig, { kind: 'jwt' }>): TokenVerifier {
  const keys = createRemoteJWKSet(new URL(auth.jwksUrl), { timeoutDuration: 5000, cooldownDuration: 10_000 });
  return async (token) => {
    try {
      const verified = await jwtVerify(token, keys, {
        issuer: auth.issuer,
        audience: auth.audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_MS / 1000,
      });
      return verified.payload;
    } catch (cause) {
      throw refusal(cause);
    }
  };
}

/** The key set did not come, or what came is no key set: the token may well be sound. */
const UNUSABLE_KEYS = [errors.JWKSTimeout, errors.JWKSInvalid, errors.JWKInvalid];

function refusal(cause: unknown): NorthstarError {
  if (cause instanceof errors.JWTExpired)
    return new NorthstarError('identity.unauthenticated', 'The bearer token has expired; get a new one and repeat.');
  if (cause instanceof errors.JWTClaimValidationFailed)
    return new NorthstarError(
      'identity.unauthenticated',
      `The bearer token is not for this host: claim "${cause.claim}" ${cause.reason}.`,
    );
  const reachable = cause instanceof errors.JOSEError && !UNUSABLE_KEYS.some((kind) => cause instanceof kind);
  if (reachable && cause.code !== 'ERR_JOSE_GENERIC')
    return new NorthstarError(
      'identity.unauthenticated',
      'The bearer token is malformed or not signed by the trusted issuer.',
      { cause },
    );
  return new NorthstarError(
    'identity.unavailable',
    'The key set that verifies tokens cannot be fetched now; try again shortly.',
    { cause },
  );
}
