/** Keys that are bound to a client certificate, on the whole system, over real TLS (RFC 8705). */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase, testCertificate, type TestCertificate } from '#platform/testing';

import { entriesOf } from './testing.ts';
import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';

const own = testCertificate('server');
const client = testCertificate('billing service');
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let home: string;
let system: System;
let port: number;
let admin: string;
const thumbprint = ({ cert }: TestCertificate): string =>
  createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url');

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-mtls-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const [cert, key] = ['server.pem', 'server.key'].map((name) => join(home, name)) as [string, string];
  await writeFile(cert, own.cert);
  await writeFile(key, own.key);
  const config = readConfig({
    STRONGROOM_HOME: home, DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent', STRONGROOM_TLS_CERT: cert, STRONGROOM_TLS_KEY: key,
    STRONGROOM_TLS_CLIENTS: 'request',
  }); // prettier-ignore
  system = await composeSystem(config, createLog('silent'));
  port = Number(new URL(await system.http.listen({ host: '127.0.0.1', port: 0 })).port);
  admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
});
after(async () => {
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

type Answer = Readonly<{ status: number; body: Record<string, unknown> }>;
/** Each on a connection of its own. */
function call(
  method: string,
  path: string,
  key: string,
  shown: TestCertificate | null,
  body?: object,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const asked = request(
    {
      host: '127.0.0.1', port, path, method, ca: own.cert, agent: false,
      ...(shown === null ? {} : { cert: shown.cert, key: shown.key }),
      headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    },
    (answer) => {
      let text = '';
      answer.on('data', (piece: Buffer) => (text += piece.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) }));
    },
  ); // prettier-ignore
  asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
const outcome = ({ status, body }: Answer) => [status, body.code ?? body.id];

test('a key that is bound to a certificate is worth nothing without it, with another one, or with one that copies its names', async () => {
  const wanted = { name: 'billing', role: 'billing', certificate: thumbprint(client) };
  const made = await call('POST', '/v1/access/keys', admin, null, wanted);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { id, key } = made.body as { id: string; key: string };
  const whoami = (shown: TestCertificate | null, by = key) => call('GET', '/v1/access/whoami', by, shown);

  assert.deepEqual(outcome(await whoami(client)), [200, id]);
  const refused = [401, 'ACCESS_CERTIFICATE_NEEDED'];
  assert.deepEqual(outcome(await whoami(null)), refused, 'none');
  assert.deepEqual(outcome(await whoami(testCertificate('another'))), refused, 'another one');
  assert.deepEqual(outcome(await whoami(testCertificate(client.name))), refused, 'one of the same name');
  // the certificate is no secret: without its private key there is no connection at all
  await assert.rejects(async () => whoami({ ...client, key: testCertificate('thief').key }), /mismatch/);
  assert.equal(
    (await whoami(client, `srk_${'0'.repeat(52)}`)).body.code,
    'ACCESS_UNAUTHENTICATED',
    'a certificate is no key',
  );
  const entries = await entriesOf(system);
  assert.ok(entries.some(({ action, actor }) => action === 'access.key.no-certificate' && actor.id === id), 'somebody may have stolen it'); // prettier-ignore

  // a new one in its place is bound like it
  const rotated = await call('POST', `/v1/access/keys/${id}/rotate`, admin, null, { overlapHours: 1 });
  assert.deepEqual(outcome(await whoami(null, rotated.body.key as string)), refused);
  assert.equal((await whoami(client, rotated.body.key as string)).status, 200);
  const { keys } = (await call('GET', '/v1/access/keys', admin, null)).body as {
    keys: { id: string; certificate: string | null }[];
  };
  assert.deepEqual(keys.find((each) => each.id === rotated.body.id)?.certificate, thumbprint(client));
});

test('who is not bound comes in with a certificate or without; a certificate that is over opens nothing', async () => {
  assert.equal((await call('GET', '/v1/access/whoami', admin, null)).status, 200);
  assert.equal((await call('GET', '/v1/access/whoami', admin, client)).status, 200);
  const over = testCertificate('over', { untilMs: -1000 });
  const made = await call('POST', '/v1/access/keys', admin, null, {
    name: 'x',
    role: 'support',
    certificate: thumbprint(over),
  });
  const answer = await call('GET', '/v1/access/whoami', made.body.key as string, over);
  assert.deepEqual(outcome(answer), [401, 'ACCESS_CERTIFICATE_NEEDED']);
});
