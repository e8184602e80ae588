/** Who comes in without a browser: the command line, keys, who stands behind a proxy, and programs with a token. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';

import { SignJWT } from 'jose';

import { PASSWORD, type Json } from './testing.ts';
import type { Running } from './identity.test.ts';

export function programsComeIn(of: () => Running): void {
  test('the command line invites, lets in, lists and disables; what is secret comes by standard input', async () => {
    const { two, adminKey, provider, SCIM, logged } = of();
    const command = (args: string[], input = '') => two.command(args, { input, key: adminKey });
    const invited = await command(['invite', 'grace@example.org', '--name', 'Grace', '--roles', 'support', '--json']);
    assert.equal(invited.code, 0, invited.err);
    const { id, token } = JSON.parse(invited.out) as { id: string; token: string };

    assert.match(
      (await command(['accept'], `${token}\n${PASSWORD}\n`)).out,
      /is in, as support. A password alone opens nothing:\n.*add a passkey or an authenticator app/,
    );
    assert.equal((await command(['accept'], `${token}\n${PASSWORD}\n`)).code, 3, 'once');
    assert.match((await command(['people'])).out, new RegExp(`${id}  active .*Grace <grace@example.org>`));
    assert.match((await command(['sessions', id])).out, /^ses_\w+ {2}support {2}pwd/);
    const idp = await provider();
    const made = await idp('POST', '/scim/v2/Groups', { schemas: [`${SCIM}:Group`], displayName: 'Desk\u001b[2J' });
    const group = made.body.id as string;
    assert.match(
      (await command(['group', 'list'])).out,
      new RegExp(`${group}  Desk[^\\u001b]*  0 members  means nothing`),
    );
    assert.equal((await command(['group', 'map', group, 'support', 'billing'])).code, 0);
    assert.match((await command(['group', 'list'])).out, /members  billing, support/);
    assert.equal((await command(['group', 'map', group, 'custodian', 'support'])).code, 1, 'kept apart');
    assert.match((await command(['group', 'unmap', group])).out, /means nothing/);
    assert.match((await command(['group', 'link', id])).out, /manages per_/);
    assert.match((await command(['group', 'unlink', id])).out, /no more/);
    assert.equal((await command(['link', id])).code, 2, 'who says what, and how they know');
    const link = await command(['link', id, '--kind', 'password', '--identified-by', 'video']);
    assert.match(link.out, /srl_[0-9a-z]{52}/, link.err);
    assert.deepEqual((await logged(1))[0]?.detail, { kind: 'password', identifiedBy: 'video', person: id });
    assert.equal((await command(['disable', id])).code, 0);
    assert.match((await command(['people'])).out, new RegExp(`${id}  disabled`));
  });

  test('a key is tied to networks, rotated without a gap, and says when it was used', async () => {
    const { adminKey, call, logged, fresh, systems } = of();
    const headers = { authorization: `Bearer ${adminKey}` };
    const make = async (networks: string[]) =>
      (await call('POST', '/v1/access/keys', { headers, body: { name: 'tied', role: 'security', networks } })).body;
    const whoami = async (key: string) => {
      const { status, body } = await call('GET', '/v1/access/whoami', {
        headers: { authorization: `Bearer ${key}` },
        server: 1,
      });
      return [status, body.code];
    };
    const [here, elsewhere] = [await make(['127.0.0.0/8', '::1']), await make(['192.0.2.0/24'])];
    assert.deepEqual(await whoami(here.key), [200, undefined]);
    assert.deepEqual(await whoami(elsewhere.key), [403, 'ACCESS_KEY_ELSEWHERE']);
    const [entry] = await logged(1);
    assert.deepEqual(
      [entry?.action, entry?.outcome, entry?.actor.id],
      ['access.key.elsewhere', 'denied', elsewhere.id],
    );
    assert.equal((await make(['192.0.2.0/99'])).code, 'ACCESS_SCOPE_INVALID');

    const rotated = await call('POST', `/v1/access/keys/${here.id}/rotate`, { headers, body: { overlapHours: 1 } });
    assert.equal(rotated.status, 201, JSON.stringify(rotated.body));
    assert.deepEqual(
      [await whoami(here.key), await whoami(rotated.body.key)],
      [
        [200, undefined],
        [200, undefined],
      ],
    );
    await fresh.db`update access.keys set expires_at = expires_at - interval '1 hour'`;
    assert.deepEqual(
      [await whoami(here.key), await whoami(rotated.body.key)],
      [
        [401, 'ACCESS_UNAUTHENTICATED'],
        [200, undefined],
      ],
    );

    await Promise.all(systems.map(({ access }) => access.noteUses()));
    const { keys } = (await call('GET', '/v1/access/keys', { headers })).body;
    const used = (id: string) => keys.find((key: Json) => key.id === id).usedAt as string | null;
    assert.deepEqual([used(rotated.body.id) === null, used(elsewhere.id)], [false, null]);
    assert.deepEqual(keys.find((key: Json) => key.id === rotated.body.id).networks, ['127.0.0.0/8', '::1']);
  });

  test('behind a proxy the address is the one it saw, for keys, zones and sessions; a header of anybody else changes nothing', async () => {
    const { adminKey, call, policiesBecome, somebody, logged } = of();
    const headers = { authorization: `Bearer ${adminKey}` };
    const make = async (role: string, networks: string[] = []) =>
      (await call('POST', '/v1/access/keys', { headers, body: { name: 'tied', role, networks } })).body.key as string;
    const [tied, inspector] = [await make('engineer', ['198.51.100.0/24']), await make('analyst')];
    await policiesBecome(
      (policies) =>
        (policies['at-work'] =
          'permit (principal in Role::"analyst", action == Action::"audit.read", resource) when { context.zone == Zone::"office" };'),
    );
    const from = async (key: string, path: string, server: number, forwarded: string) => {
      const sent = { authorization: `Bearer ${key}`, 'x-forwarded-for': forwarded };
      return (await call('GET', path, { headers: sent, server })).status;
    };

    for (const [forwarded, byKey, byZone] of [
      ['198.51.100.7', 200, 200],
      // what stands further left is what the sender wrote
      ['198.51.100.7, 203.0.113.9', 403, 403],
      ['203.0.113.9, 198.51.100.7', 200, 200],
      ['198.51.100.70', 200, 403],
      ['unknown', 403, 403],
    ] as const)
      assert.deepEqual(
        [await from(tied, '/v1/access/whoami', 1, forwarded), await from(inspector, '/v1/audit/entries', 1, forwarded)],
        [byKey, byZone],
        forwarded,
      );
    // the first server trusts nobody
    assert.deepEqual(
      [await from(tied, '/v1/access/whoami', 0, '198.51.100.7'), await from(inspector, '/v1/audit/entries', 0, '198.51.100.7')],
      [403, 403],
    ); // prettier-ignore

    const who = await somebody();
    const signIn = {
      body: { email: who.email, password: PASSWORD, recoveryCode: who.recoveryCodes[0] },
      headers: { 'x-forwarded-for': '198.51.100.70' },
    };
    const { body } = await call('POST', '/v1/access/session', { ...signIn, server: 1 });
    assert.deepEqual((await logged(1))[0]?.detail.zone, 'vpn');
    const { sessions } = (await call('GET', '/v1/access/sessions', { cookie: who.cookie })).body;
    assert.equal(sessions.find(({ id }: Json) => id === body.id)?.zone, 'vpn');
  });

  test('a program comes in by a token of an issuer that was trusted, until it is not', async () => {
    const { adminKey, call } = of();
    const headers = { authorization: `Bearer ${adminKey}` };
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const wanted = {
      name: 'nightly',
      issuer: 'https://ci.example',
      subject: 'job',
      audience: 'strongroom',
      role: 'security',
    };
    const jwks = { keys: [publicKey.export({ format: 'jwk' })] };
    const trusted = await call('POST', '/v1/access/workloads', { headers, body: { ...wanted, jwks } });
    assert.equal(trusted.status, 201, JSON.stringify(trusted.body));
    const jwt = (audience: string) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(wanted.issuer)
        .setSubject('job')
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey);
    const read = async (token: string) =>
      (await call('GET', '/v1/access/policies', { headers: { authorization: `Bearer ${token}` }, server: 1 })).status;
    const token = await jwt('strongroom');
    assert.deepEqual([await read(token), await read(await jwt('another')), await read(`${token}x`)], [200, 401, 401]);

    assert.equal((await call('DELETE', `/v1/access/workloads/${trusted.body.id}`, { headers })).status, 204);

    assert.equal(await read(token), 401);
  });
}
