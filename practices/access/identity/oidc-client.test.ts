/** A provider is somebody else's: what it answers fills no memory, and takes its time and no more. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { jwtVerify, SignJWT } from 'jose';

import { secret } from '#platform/crypto';
import { isFailure } from '#platform/failure';

import { createDiscover } from './oidc-client.ts';

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
