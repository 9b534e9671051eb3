import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { authChallenge, protectedResourceMetadata, type AuthMetadataConfig } from './auth-metadata.ts';

const auth = {
  kind: 'jwt',
  jwksUrl: 'https://issuer.example/jwks',
  issuer: 'https://issuer.example',
  audience: 'a',
} as const;
const request = (url: string): IncomingMessage =>
  ({ url, headers: { host: '127.0.0.1:8787' }, socket: {} }) as IncomingMessage;
const WELL_KNOWN = '/.well-known/oauth-protected-resource';

test.each([
  { what: 'without a public URL', publicUrl: undefined, base: 'http://127.0.0.1:8787' },
  { what: 'behind a proxy', publicUrl: 'https://gateway.example.com', base: 'https://gateway.example.com' },
])(
  '[ID-07] $what the challenge leads to metadata whose resource is the endpoint that was called',
  ({ publicUrl, base }) => {
    const config: AuthMetadataConfig = { auth, publicUrl };
    for (const endpoint of ['/mcp', '/c/demo/mcp']) {
      const challenge = authChallenge(config, request(endpoint)) ?? '';
      expect(challenge).toBe(`Bearer resource_metadata="${base}${WELL_KNOWN}${endpoint}"`);
      const metadata = protectedResourceMetadata(config, request(`${WELL_KNOWN}${endpoint}`));
      expect(metadata).toMatchObject({ resource: `${base}${endpoint}`, authorization_servers: [auth.issuer] });
    }
  },
);

test('[ID-07] there is no metadata for other paths, nor where the host does not authenticate', () => {
  expect(protectedResourceMetadata({ auth }, request(`${WELL_KNOWN}/c/../mcp`))).toBeUndefined();
  expect(protectedResourceMetadata({ auth }, request(`${WELL_KNOWN}/tools`))).toBeUndefined();
  expect(protectedResourceMetadata({ auth: { kind: 'none' } }, request(WELL_KNOWN))).toBeUndefined();
});
