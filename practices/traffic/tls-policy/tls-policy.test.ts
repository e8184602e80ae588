import assert from 'node:assert/strict';
import { createServer as createPlain, type AddressInfo, type Server } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createServer, type TlsOptions } from 'node:tls';

import { testCertificate } from '#platform/testing';

import { checkTls, OUR_TLS, tlsReportText, type TlsPolicy } from './index.ts';

const AUTHORITY = testCertificate('authority', { authority: true });
const GOOD = testCertificate('127.0.0.1', { by: AUTHORITY, untilMs: 90 * 86_400_000 });
const HSTS = 'HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=31536000; includeSubDomains\r\n\r\n';
const PLAIN = 'HTTP/1.1 200 OK\r\n\r\n';

async function listening(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}
const port = (t: TestContext, answer: string, options: TlsOptions = {}): Promise<number> => {
  const server = createServer({ cert: GOOD.cert, key: GOOD.key, ...options }, (socket) =>
    socket.on('error', () => undefined).once('data', () => socket.end(answer)),
  );
  server.on('tlsClientError', () => undefined);
  return listening(t, server);
};
async function outcomes(
  at: number,
  policy: Partial<TlsPolicy> = {},
  more: object = {},
): Promise<Readonly<Record<string, string>>> {
  // prettier-ignore
  const target = { host: '127.0.0.1', port: at, serverName: '127.0.0.1', authorities: AUTHORITY.cert, ...more };
  const { checks } = await checkTls(target, { ...OUR_TLS, ...policy }, { own: ['127.0.0.1'], now: () => new Date() });
  return Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]));
}

test('a good port passes every check', async (t) => {
  const at = await port(t, HSTS, { minVersion: 'TLSv1.2' });

  assert.deepEqual(await outcomes(at), {
    'version TLSv1': 'pass',
    'version TLSv1.1': 'pass',
    'version TLSv1.2': 'pass',
    'version TLSv1.3': 'pass',
    'hybrid group': 'pass',
    'certificate chain': 'pass',
    'certificate time': 'pass',
    'certificate name': 'pass',
    'certificate key': 'pass',
    'client certificate': 'pass',
    hsts: 'pass',
  });
});

test('each weakness is found by its own check, and no other one', async (t) => {
  const soon = testCertificate('127.0.0.1', { by: AUTHORITY, untilMs: 5 * 86_400_000 });
  const failed = async (at: Promise<number>, policy: Partial<TlsPolicy> = {}, more: object = {}) =>
    Object.entries(await outcomes(await at, policy, more)).filter(([, outcome]) => outcome === 'fail').map(([id]) => id); // prettier-ignore

  assert.deepEqual(await failed(port(t, HSTS, { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })), ['version TLSv1', 'version TLSv1.1']); // prettier-ignore
  assert.deepEqual(await failed(port(t, HSTS, { maxVersion: 'TLSv1.2' })), ['version TLSv1.3', 'hybrid group']);
  assert.deepEqual(await failed(port(t, HSTS, { ecdhCurve: 'P-256' })), ['hybrid group']);
  assert.deepEqual(await failed(port(t, PLAIN)), ['hsts']);
  assert.deepEqual(await failed(port(t, HSTS.replace('31536000', '60'))), ['hsts']);
  assert.deepEqual(await failed(port(t, HSTS, { cert: soon.cert, key: soon.key })), ['certificate time']);
  assert.deepEqual(await failed(port(t, HSTS), {}, { authorities: soon.cert }), ['certificate chain']);
  assert.deepEqual(await failed(port(t, HSTS), {}, { serverName: 'other.example' }), ['certificate name']);
});

test('whether a client certificate is needed is seen from the alert after the handshake, not from the handshake', async (t) => {
  const mutual = { requestCert: true, rejectUnauthorized: true, ca: AUTHORITY.cert, minVersion: 'TLSv1.2' } as const;
  const client = testCertificate('client', { by: AUTHORITY });
  const [asks, open, only13] = await Promise.all([port(t, HSTS, mutual), port(t, HSTS), port(t, HSTS, { ...mutual, minVersion: 'TLSv1.3' })]); // prettier-ignore
  const required = { clientCertificate: 'required' } as const;

  const shown = await outcomes(asks, required, { client });
  assert.deepEqual(Object.entries(shown).filter(([, outcome]) => outcome !== 'pass'), []); // prettier-ignore
  const hidden = await outcomes(asks, required);
  assert.equal(hidden['client certificate'], 'pass');
  // alert 40 may be the certificate's: that 1.2 is refused is not known
  assert.equal(hidden['version TLSv1.2'], 'not tested');
  assert.equal(hidden['hsts'], 'not tested');
  assert.equal((await outcomes(only13, required))['client certificate'], 'pass');
  assert.equal((await outcomes(open, required))['client certificate'], 'fail');
  assert.equal((await outcomes(asks))['client certificate'], 'fail');
});

test('what cannot be tried is not tested, and only own addresses are', async (t) => {
  const deaf = await listening(
    t,
    createPlain((socket) => socket.on('error', () => undefined).end('hello\n')),
  );

  const said = await outcomes(deaf);
  assert.deepEqual([...new Set(Object.values(said))], ['not tested']);
  const target = { host: '203.0.113.1', port: 443, serverName: 'x' };
  await assert.rejects(checkTls(target, OUR_TLS, { own: ['127.0.0.1'], now: () => new Date() }), /no address of this machine/); // prettier-ignore
});

test('a report in words has a line for each check', async (t) => {
  const at = await port(t, PLAIN);
  const report = await checkTls({ host: '127.0.0.1', port: at, serverName: '127.0.0.1', authorities: AUTHORITY.cert }, OUR_TLS, { own: ['127.0.0.1'], now: () => new Date() }); // prettier-ignore

  assert.match(
    tlsReportText(report),
    /✔ TLSv1 is refused[\s\S]*✖ no Strict-Transport-Security is sent\n {2}send max-age/,
  );
});
