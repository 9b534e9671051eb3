import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose';

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'https://northstar.test/mcp';

type Algorithm = 'RS256' | 'ES256' | 'EdDSA';

export interface Issuer {
  readonly jwksUrl: string;
  /** Environment of a host that trusts this issuer. */
  readonly env: Record<string, string>;
  readonly publicKeys: readonly JWK[];
  /** Signs claims on top of a sound token; `undefined` leaves a claim out. */
  sign(claims?: JWTPayload, header?: { alg?: Algorithm; kid?: string }): Promise<string>;
  /** Answers the key set with an error from now on. */
  fail(status: number): void;
  close(): Promise<void>;
}

/** An authorization server's key set on a real port, and the private keys to sign with. */
export async function startIssuer(): Promise<Issuer> {
  const algorithms: Algorithm[] = ['RS256', 'ES256', 'EdDSA'];
  const pairs = await Promise.all(algorithms.map((alg) => generateKeyPair(alg, { extractable: true })));
  const keys = await Promise.all(
    pairs.map(async ({ publicKey }, index) => ({
      ...(await exportJWK(publicKey)),
      kid: algorithms[index]!,
      alg: algorithms[index]!,
      use: 'sig',
    })),
  );
  let failure: number | undefined;
  const server = createServer((_req, res) => {
    res.writeHead(failure ?? 200, { 'content-type': 'application/json' });
    res.end(failure === undefined ? JSON.stringify({ keys }) : '{}');
  });
  const jwksUrl = `http://127.0.0.1:${await listen(server)}/jwks`;
  return {
    jwksUrl,
    env: { NORTHSTAR_AUTH: 'jwt', NORTHSTAR_JWKS_URL: jwksUrl, NORTHSTAR_ISSUER: ISSUER, NORTHSTAR_AUDIENCE: AUDIENCE },
    publicKeys: keys,
    sign: (claims = {}, { alg = 'RS256', kid = alg } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const sound = { iss: ISSUER, aud: AUDIENCE, sub: 'u_ann', iat: now, exp: now + 600, tenant_id: 't_acme' };
      return new SignJWT(Object.fromEntries(Object.entries({ ...sound, ...claims }).filter(([, v]) => v !== undefined)))
        .setProtectedHeader({ alg, kid })
        .sign(pairs[algorithms.indexOf(alg)]!.privateKey);
    },
    fail: (status) => {
      failure = status;
    },
    close: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
