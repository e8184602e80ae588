import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { createLog } from '#platform/log';
import { testCertificate, type TestCertificate } from '#platform/testing';

import { createCertificateOf } from './client-certificate.ts';
import { createHttp } from './index.ts';

const thumbprint = ({ cert }: TestCertificate): string =>
  createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url');

test('over TLS a certificate counts by its thumbprint, or only where an authority issued it; and only in its time', async (t) => {
  const own = testCertificate('server');
  const authority = testCertificate('authority', { authority: true });
  const impostor = testCertificate('authority', { authority: true });
  const issued = testCertificate('client', { by: authority });
  const clients = {
    none: null,
    'self-signed': testCertificate('client'),
    issued,
    'issued by one of the same name': testCertificate('client', { by: impostor }),
    expired: testCertificate('client', { by: authority, untilMs: -1000 }),
    'of tomorrow': testCertificate('client', { by: authority, fromMs: 600_000 }),
  };
  const seen: Record<string, Record<string, string | null>> = {};
  let now = () => new Date();
  for (const accepts of ['any', 'issued'] as const) {
    const authorities = accepts === 'any' ? null : authority.cert;
    const http = await createHttp({
      log: createLog('silent'),
      version: '0',
      tls: { ...own, clients: { authorities } },
    });
    t.after(() => http.close());
    const certificateOf = createCertificateOf({ accepts, clock: () => now() });
    http.get('/', (asked) => ({ thumbprint: certificateOf(asked) }));
    await http.listen({ host: '127.0.0.1', port: 0 });
    const { port } = http.server.address() as AddressInfo;
    const ask = (shown: TestCertificate | null, agent?: Agent) =>
      new Promise<string | null>((resolve, reject) => {
        const { cert, key } = shown ?? {};
        const asked = request({ host: '127.0.0.1', port, ca: own.cert, ...(shown === null ? {} : { cert, key }), ...(agent === undefined ? { agent: false } : { agent }) }, (answer) => {
          let text = '';
          answer.on('data', (piece: Buffer) => (text += piece.toString()));
          answer.on('end', () => resolve((JSON.parse(text) as { thumbprint: string | null }).thumbprint));
        }); // prettier-ignore
        asked.on('error', reject).end();
      });
    seen[accepts] = {};
    for (const [what, shown] of Object.entries(clients)) seen[accepts][what] = await ask(shown);
    // on one connection that goes on: the certificate ends while it is open
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    assert.equal(await ask(issued, agent), thumbprint(issued));
    now = () => new Date(Date.now() + 7_200_000);
    assert.equal(await ask(issued, agent), null);
    now = () => new Date();
  }

  const nobody = { none: null, expired: null, 'of tomorrow': null };
  const [self, other] = [clients['self-signed'], clients['issued by one of the same name']].map(thumbprint);
  assert.deepEqual(seen, {
    any: { ...nobody, 'self-signed': self, issued: thumbprint(issued), 'issued by one of the same name': other },
    issued: { ...nobody, 'self-signed': null, issued: thumbprint(issued), 'issued by one of the same name': null },
  });
  assert.equal(
    createCertificateOf({ accepts: 'any', clock: now })({ raw: { socket: {} as never } }),
    null,
    'without TLS',
  );
});
