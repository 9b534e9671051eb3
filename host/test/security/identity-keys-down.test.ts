import { expect, test } from 'vitest';
import { codeOf, httpClient } from '../integration/support/http-client.ts';
import { startIssuer } from '../integration/support/issuer.ts';
import { expectNoUnhandledRejections, startProbeHost } from '../integration/support/probe-host.ts';

expectNoUnhandledRejections();

test.each([
  { what: 'cannot be reached', status: undefined },
  { what: 'answers an error', status: 500 },
  { what: 'answers something that is no key set', status: 200 },
])('[ID-02] a key set that $what denies with 503 and never allows', async ({ status }) => {
  const issuer = await startIssuer();
  const host = await startProbeHost({ env: issuer.env });
  try {
    const token = await issuer.sign({ roles: ['operator'] });
    if (status === undefined) await issuer.close();
    else issuer.fail(status);
    const http = httpClient(host.url, { 'X-Mode': 'lab', 'X-Project-Id': 'p', Authorization: `Bearer ${token}` });
    const answer = await http('/tools/probe.echo', { json: {} });
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 503, code: 'identity.unavailable' });
  } finally {
    await host.close();
    if (status !== undefined) await issuer.close();
  }
});
