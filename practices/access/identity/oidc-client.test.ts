/** A provider is somebody else's: what it answers fills no memory, and takes its time and no more. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { jwtVerify, SignJWT } from 'jose';

import { secret } from '#platform/crypto';
import { isFailure } from '#platform/failure';

import { createDiscover } from './oidc-client.ts';
import { createOidc } from './oidc.ts';

const MUCH = Buffer.alloc(4 * 2 ** 20, ' ');
const unreachable = (thrown: unknown): boolean => isFailure(thrown, 'ACCESS_OIDC_UNREACHABLE');

async function provider(t: TestContext, on: RequestListener) {
  const server = createServer(on);
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { issuer, discover: createDiscover({ fetch, provider: { issuer, clientId: 'c', clientSecret: secret('s'), mfaAcr: [] } }) }; // prettier-ignore
}

test('a provider that describes itself without end is left before the time is up', async (t) => {
  const { discover } = await provider(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write(MUCH);
  });
  const begun = performance.now();
  await assert.rejects(discover(), unreachable);
  assert.ok(performance.now() - begun < 8000, 'its time is 10 s');
});

test('keys without end are left before the time is up', async (t) => {
  const { issuer, discover } = await provider(t, (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    if (request.url === '/keys') response.write(MUCH);
    else response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys`, authorization_endpoint: `${issuer}/a` }));
  });
  const { keys } = await discover();
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.alloc(32, 1));
  const begun = performance.now();
  await assert.rejects(jwtVerify(token.replace(/^[^.]+/, Buffer.from('{"alg":"ES256"}').toString('base64url')), keys));
  assert.ok(performance.now() - begun < 4000, 'their time is 5 s');
});

const GONE: readonly (readonly [what: string, on: RequestListener, code: string])[] = [
  ['hangs up', (request) => void request.socket.resetAndDestroy(), 'ACCESS_OIDC_UNREACHABLE'],
  ['hangs up in its answer', (_, response) => void response.writeHead(200, { 'content-type': 'application/json', 'content-length': 999 }).write('{', () => response.destroy()), 'ACCESS_OIDC_UNREACHABLE'],
  ['is overloaded', (_, response) => void response.writeHead(503, { 'retry-after': '86400' }).end(), 'ACCESS_OIDC_UNREACHABLE'],
  ['refuses', (_, response) => void response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}'), 'ACCESS_OIDC_REFUSED'],
]; // prettier-ignore
for (const [what, on, code] of GONE)
  test(`a provider that ${what} when it is asked for the token: ${code}, and only who was refused is told of`, async (t) => {
    const { issuer, discover } = await provider(t, (request, response) => {
      if (request.url === '/t') return on(request, response);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys`, authorization_endpoint: `${issuer}/a`, token_endpoint: `${issuer}/t` })); // prettier-ignore
    });
    const keys = { seal: (_: unknown, __: unknown, plain: Buffer) => plain, open: (_: unknown, __: unknown, sealed: Buffer) => sealed } as never; // prettier-ignore
    const oidc = createOidc({ db: null as never, clock: () => new Date(), keys, sessions: null as never, discover, provider: { issuer, clientId: 'c', clientSecret: secret('s'), mfaAcr: [] } }); // prettier-ignore
    const { url, attempt } = await oidc.begin(new URL('http://127.0.0.1/back'));
    const back = new URL(`http://127.0.0.1/back?code=x&state=${url.searchParams.get('state')}`);
    const refused: string[] = [];
    const log = { refused: async (_: unknown, why: string) => void refused.push(why) } as never;
    await assert.rejects(oidc.finish(back, attempt, null as never, log), (thrown) => isFailure(thrown, code));
    assert.equal(refused.length, code === 'ACCESS_OIDC_REFUSED' ? 1 : 0);
  });
