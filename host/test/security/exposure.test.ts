import { expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';

const JWT = {
  NORTHSTAR_AUTH: 'jwt',
  NORTHSTAR_JWKS_URL: 'https://issuer.test/jwks',
  NORTHSTAR_ISSUER: 'https://issuer.test',
  NORTHSTAR_AUDIENCE: 'https://northstar.test/mcp',
};

test.each(['0.0.0.0', '::', '192.168.1.5', 'northstar.example', '127.0.0.1.evil.test', 'localhost.evil.test', '127.1'])(
  '[ID-05] listening on %s without authentication is refused',
  (host) => {
    expect(() => readConfig({ NORTHSTAR_HOST: host }, '/')).toThrow('NORTHSTAR_HOST');
  },
);

test.each(['127.0.0.1', 'localhost', '::1', '[::1]', '127.8.9.1'])(
  '[ID-05] listening on %s needs no authentication',
  (host) => {
    expect(readConfig({ NORTHSTAR_HOST: host }, '/').auth.kind).toBe('none');
  },
);

test('[ID-05] listening on every address is fine with authentication', () => {
  expect(readConfig({ ...JWT, NORTHSTAR_HOST: '0.0.0.0' }, '/').auth.kind).toBe('jwt');
});

test.each(['NORTHSTAR_JWKS_URL', 'NORTHSTAR_ISSUER', 'NORTHSTAR_AUDIENCE'])(
  '[ID-05] authentication without %s is refused',
  (name) => {
    expect(() => readConfig({ ...JWT, [name]: '' }, '/')).toThrow(name);
  },
);

test.each(['ftp://issuer.test/jwks', 'file:///etc/jwks', 'data:application/json,{}', 'no url'])(
  '[ID-05] keys from %s are refused',
  (url) => {
    expect(() => readConfig({ ...JWT, NORTHSTAR_JWKS_URL: url }, '/')).toThrow('NORTHSTAR_JWKS_URL');
  },
);

test('[ID-05] an unknown way of authentication is refused instead of meaning none', () => {
  expect(() => readConfig({ NORTHSTAR_AUTH: 'oidc' }, '/')).toThrow('NORTHSTAR_AUTH');
});
