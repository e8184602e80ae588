import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { exportJWK, SignJWT, UnsecuredJWT, type JSONWebKeySet, type JWTPayload } from 'jose';

import { code, peopleServers, type PeopleServers } from '../testing.ts';
import type { NewWorkload } from './workloads.ts';

const nothing = () => Promise.resolve();
const refused = code('ACCESS_UNAUTHENTICATED');
const ISSUER = 'https://ci.example.org';
const AUDIENCE = 'strongroom';

let servers: PeopleServers;
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { privateKey, publicKey } = pair();
const jwksOf = async (key: KeyObject): Promise<JSONWebKeySet> => ({
  keys: [{ ...(await exportJWK(key)), kid: 'one', alg: 'ES256' }],
});
before(async () => {
  servers = await peopleServers();
});
after(() => servers.close());

let count = 0;
async function trusted(more: Partial<NewWorkload> = {}) {
  const subject = `repo:shop:${(count += 1)}`;
  const wanted = { name: 'nightly', issuer: ISSUER, subject, audience: AUDIENCE, role: 'application', ...more };
  const keys = more.jwksUrl === undefined ? { jwks: await jwksOf(publicKey) } : {};
  const { id } = await servers.identity.workloads.trust(servers.ada, { ...keys, ...wanted }, nothing);
  return { id, subject };
}
const now = () => Math.floor(Date.now() / 1000);
const claims = (sub: string, more: JWTPayload = {}): JWTPayload => ({
  iss: ISSUER, aud: AUDIENCE, sub, iat: now(), exp: now() + 300, ...more,
}); // prettier-ignore
const signed = (payload: JWTPayload, key: KeyObject = privateKey, alg = 'ES256'): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg, kid: 'one' }).sign(key);
const authenticate = (token: string, server = servers.identity) => server.workloads.authenticate(token);

test('a token of a trusted issuer is the workload, in its role and scope, on any server', async () => {
  const { id, subject } = await trusted({ purposes: ['service'] });
  const token = await signed(claims(subject));

  const actor = await authenticate(token, servers.other);

  assert.ok(servers.identity.workloads.isToken(token));
  assert.deepEqual(
    [actor.id, actor.kind, actor.role, actor.scope.purposes],
    [id, 'service', 'application', ['service']],
  );
  assert.equal(actor.person, servers.ada.id, 'it counts as who trusted it');
  const may = (purpose: string) => servers.second.decide({ actor, action: 'records.read', purpose }).allow;
  assert.deepEqual([may('service.support'), may('marketing')], [true, false]);
});

test('forged, expired, too early, without a signature, for another audience, issuer or subject: refused', async () => {
  const { subject } = await trusted();
  const good = claims(subject);
  const [head, body, signature] = (await signed(good)).split('.') as [string, string, string];
  const altered = Buffer.from(JSON.stringify({ ...good, exp: now() + 3000 })).toString('base64url');
  const tokens: Record<string, string> = {
    'another key': await signed(good, pair().privateKey),
    'altered claims': `${head}.${altered}.${signature}`,
    'no signature': `${head}.${body}.`,
    'alg none': new UnsecuredJWT(good).encode(),
    'alg None, signed as before': `${Buffer.from('{"alg":"None"}').toString('base64url')}.${body}.${signature}`,
    'public key as a shared secret': await new SignJWT(good)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }))),
    expired: await signed({ ...good, iat: now() - 400, exp: now() - 60 }),
    'not yet': await signed({ ...good, nbf: now() + 120 }),
    'issued in the future': await signed({ ...good, iat: now() + 600, exp: now() + 900 }),
    'good for a day': await signed({ ...good, exp: now() + 86_400 }),
    'issued long ago': await signed({ ...good, iat: now() - 7200, exp: now() + 60 }),
    'without an end': await signed({ iss: ISSUER, aud: AUDIENCE, sub: subject, iat: now() }),
    'wrong audience': await signed({ ...good, aud: 'another' }),
    'no audience': await signed({ iss: ISSUER, sub: subject, iat: now(), exp: now() + 300 }),
    'wrong issuer': await signed({ ...good, iss: 'https://evil.example' }),
    'another subject': await signed({ ...good, sub: `${subject}x` }),
    'no subject': await signed({ iss: ISSUER, aud: AUDIENCE, iat: now(), exp: now() + 300 }),
    'key in the token': await new SignJWT(good)
      .setProtectedHeader({ alg: 'ES256', jwk: await exportJWK(pair().publicKey), jku: 'https://evil.example/jwks' })
      .sign(pair().privateKey),
  };
  for (const [name, token] of Object.entries(tokens)) await assert.rejects(authenticate(token), refused, name);

  assert.ok(await authenticate(await signed(good)));
});

test('an algorithm that is not on the list is refused, also with a key of the issuer', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] };
  const wanted = { name: 'odd', issuer: ISSUER, subject: 'odd', audience: AUDIENCE, role: 'application', jwks };
  await servers.identity.workloads.trust(servers.ada, wanted, nothing);

  await assert.rejects(authenticate(await signed(claims('odd'), privateKey, 'ES512')), refused);
});

test('a token is good until its end by the clock of the server, also when that steps back', async () => {
  const { subject } = await trusted();
  const token = await signed(claims(subject));
  assert.ok(await authenticate(token));
  // a clock that stands before the token was made does not make it good
  const early = await signed(claims(subject, { iat: now() + 3600, exp: now() + 3700 }));
  await assert.rejects(authenticate(early), refused);
});

test('revoked at the very next read on every server, and renewed no longer than its token', async () => {
  const { id, subject } = await trusted();
  const token = await signed(claims(subject));
  const actor = await authenticate(token, servers.other);
  assert.ok(await servers.other.workloads.renew(actor));
  await assert.rejects(servers.other.workloads.renew({ ...actor, expiresAt: new Date(Date.now() - 1) }), refused);

  await servers.identity.workloads.revoke(id, nothing);

  await assert.rejects(authenticate(token, servers.other), refused);
  await assert.rejects(servers.other.workloads.renew(actor), refused);
  await assert.rejects(servers.identity.workloads.revoke(id, nothing), code('ACCESS_WORKLOAD_NOT_FOUND'));
});

test('whom a disabled person trusted is not trusted any more', async () => {
  const admin = await servers.somebody(['admin']);
  const wanted = { name: 'theirs', issuer: ISSUER, subject: 'theirs', audience: AUDIENCE, role: 'application' };
  await servers.identity.workloads.trust(admin.actor, { ...wanted, jwks: await jwksOf(publicKey) }, nothing);
  const token = await signed(claims('theirs'));
  assert.equal((await authenticate(token)).person, admin.id);

  await servers.identity.people.disable(servers.ada, admin.id, 'revoke', nothing);

  await assert.rejects(authenticate(token), refused);
});

test('keys of an issuer may be fetched, and a fetch that fails lets nobody in', async (t) => {
  let up = true;
  const jwks = JSON.stringify(await jwksOf(publicKey));
  const server = createServer((_request, response) => {
    response.writeHead(up ? 200 : 500, { 'content-type': 'application/json' }).end(up ? jwks : '');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => void server.close());
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  const { subject } = await trusted({ jwksUrl });
  const token = await signed(claims(subject));

  up = false;
  await assert.rejects(authenticate(token), refused);
  up = true;
  assert.ok(await authenticate(token, servers.other));
});

test('what is trusted: public keys, over TLS, one subject once', async () => {
  const trust = async (more: Partial<NewWorkload>) =>
    servers.identity.workloads.trust(
      servers.ada,
      { name: 'x', issuer: ISSUER, subject: 'x', audience: AUDIENCE, role: 'support', ...more },
      nothing,
    );
  const invalid = code('ACCESS_WORKLOAD_INVALID');
  await assert.rejects(trust({}), invalid);
  await assert.rejects(trust({ jwksUrl: 'http://issuer.example/keys' }), invalid);
  await assert.rejects(trust({ jwksUrl: 'file:///etc/passwd' }), invalid);
  await assert.rejects(trust({ jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }), invalid);
  await assert.rejects(trust({ jwks: { keys: [await exportJWK(privateKey)] } }), invalid);
  await assert.rejects(trust({ jwks: await jwksOf(publicKey), role: 'emperor' }), code('ACCESS_ROLE_UNKNOWN'));
  const { subject } = await trusted();
  await assert.rejects(trust({ jwks: await jwksOf(publicKey), subject }), invalid);
});

test('a token that is bound to a certificate opens with it only; one bound to what is not known here never (RFC 8705)', async () => {
  const { subject } = await trusted();
  const [right, wrong] = ['A'.repeat(43), 'B'.repeat(43)];
  const bound = (cnf: unknown) => signed(claims(subject, { cnf }));
  const { workloads } = servers.identity;

  assert.ok(await workloads.authenticate(await bound({ 'x5t#S256': right }), right));
  assert.ok(await workloads.authenticate(await signed(claims(subject)), right), 'who is not bound may show one');
  for (const [cnf, shown] of [
    [{ 'x5t#S256': right }, null],
    [{ 'x5t#S256': right }, wrong],
    [{ jkt: right }, right],
    [{ 'x5t#S256': right, jkt: right }, right],
    [{ 'x5t#S256': null }, null],
    [{}, right],
    [right, right],
    [null, right],
  ] as const)
    await assert.rejects(workloads.authenticate(await bound(cnf), shown), refused, JSON.stringify(cnf));
});
