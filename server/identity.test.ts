/** People on the whole system: two servers on one database, over HTTP, with cookies. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { SignJWT } from 'jose';

import {
  comeIn,
  PASSWORD,
  setUpApp,
  twoSystems,
  type Answer,
  type CameIn,
  type Json,
  type Sent,
  type TwoSystems,
} from './testing.ts';

let two: TwoSystems;
let systems: TwoSystems['systems'];
let urls: TwoSystems['urls'];
let fresh: TwoSystems['fresh'];
let adminKey: string;
let ada: string;

before(async () => {
  two = await twoSystems({
    // the second one stands behind a proxy
    STRONGROOM_TRUSTED_PROXIES: '127.0.0.1',
    STRONGROOM_ZONES: 'office=198.51.100.0/24;vpn=198.51.100.64/26',
  });
  ({ systems, urls, fresh, admin: adminKey } = two);
  const token = (await readFile(join(two.home, 'first-administrator.link'), 'utf8')).trim();
  assert.equal(systems[1].firstLink, token, 'the second server keeps the link of the first');
  ada = (await comeIn(two, token, { email: 'ada@example.org', name: 'Ada' })).cookie;
});
after(() => two.close());

const call = (method: string, path: string, sent?: Sent): Promise<Answer> => two.call(method, path, sent);
const logged = (count: number): Promise<Json[]> => two.logged(count);
let people = 0;
async function invited(roles: readonly string[]): Promise<{ id: string; email: string; token: string }> {
  const email = `p${(people += 1)}@example.org`;
  const { status, body } = await call('POST', '/v1/access/people', {
    cookie: ada,
    body: { email, name: 'Some Body', roles },
  });
  assert.equal(status, 201, JSON.stringify(body));
  return { id: body.id as string, email, token: body.token as string };
}
async function somebody(roles = ['support']): Promise<CameIn & { id: string; email: string }> {
  const who = await invited(roles);
  return { ...who, ...(await comeIn(two, who.token)) };
}

/** Other policies, as one person proposes and another approves: first refused without a passkey, then as if by one. */
async function policiesBecome(edit: (policies: Record<string, string>) => unknown): Promise<{ notes: unknown }> {
  const { document } = (await call('GET', '/v1/access/policies/active', { cookie: ada })).body;
  edit(document.policies);
  const { version, review } = (
    await call('POST', '/v1/access/policies', { cookie: ada, body: { document, note: 'x' } })
  ).body;
  const dpo = await somebody(['dpo']);
  const approve = () =>
    call('POST', `/v1/access/policies/${version.id}/approve`, { cookie: dpo.cookie, body: { hash: version.hash } });
  assert.equal((await approve()).body.code, 'ACCESS_STEP_UP');
  await fresh.db`update access.sessions set phishing_resistant = true where person_id = (select person_id from access.people where email = ${dpo.email})`;
  const approved = await approve();
  assert.equal(approved.status, 200, JSON.stringify(approved.body));
  assert.equal((await call('POST', `/v1/access/policies/${version.id}/activate`, { cookie: ada })).status, 200);
  return review;
}

test('signing in gives a cookie that no script reads and no other site sends; the token is in no body', async () => {
  const { email, recoveryCodes } = await somebody();
  const { status, body, headers, cookie } = await call('POST', '/v1/access/session', {
    body: { email, password: PASSWORD, recoveryCode: recoveryCodes[0] },
  });

  assert.equal(status, 201);
  assert.match(headers.get('set-cookie') ?? '', /^strongroom=srs_[0-9a-z]{52}; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.ok(!JSON.stringify(body).includes(cookie.slice(11)));
  assert.deepEqual([body.role, body.aal, body.amr], ['support', 2, ['pwd', 'rcv']]);
});

test('a session reads what its role may, on any server, and nothing after logout', async () => {
  const who = await somebody(['security']);
  const read = () => call('GET', '/v1/access/policies', { cookie: who.cookie, server: 1 });
  assert.equal((await read()).status, 200);
  assert.equal((await call('GET', '/v1/access/whoami', { cookie: who.cookie })).body.id, who.id);

  const out = await call('DELETE', '/v1/access/session', { cookie: who.cookie });

  assert.match(out.headers.get('set-cookie') ?? '', /^strongroom=; .*Max-Age=0$/);
  // the cookie that somebody copied
  assert.deepEqual([(await read()).status, (await read()).body.code], [401, 'ACCESS_UNAUTHENTICATED']);
});

test('a request with the cookie that another site made is refused, and one of nobody knows whom', async () => {
  const own = new URL(urls[0]).origin;
  const change = (headers: Record<string, string>) =>
    fetch(`${urls[0]}/v1/access/sessions`, { method: 'DELETE', headers: { cookie: ada, ...headers } });
  for (const headers of [
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: own.replace('http:', 'https:') },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: own },
    { 'sec-fetch-site': 'none' },
  ])
    assert.deepEqual([(await change(headers as never)).status, headers], [403, headers]);
  assert.equal((await change({ origin: own })).status, 200);
  const signIn = await call('POST', '/v1/access/session', {
    body: { email: 'ada@example.org', password: PASSWORD },
    headers: { origin: 'https://evil.example' },
  });
  assert.deepEqual([signIn.status, signIn.body.code, signIn.cookie], [403, 'ACCESS_CROSS_SITE', '']);
});

test('neither two cookies of that name, nor a cookie beside a key that does not hold, let anybody in', async () => {
  const other = (await somebody()).cookie;
  assert.equal((await call('GET', '/v1/access/session', { cookie: `${ada}; ${other}` })).status, 401);
  const beside = await call('GET', '/v1/access/session', { cookie: ada, headers: { authorization: 'Bearer nothing' } });
  assert.equal(beside.status, 401);
});

test('a policy that wants a fresh second factor is answered by a challenge, and a step-up opens it', async () => {
  const { notes } = await policiesBecome(
    (policies) =>
      (policies['fresh-log'] =
        '@stepUp("900") forbid (principal in Role::"security", action == Action::"audit.read", resource) unless { context.mfa == Mfa::"fresh" };'),
  );
  assert.deepEqual(notes, [], 'no note says that nothing supplies mfa');
  const who = await somebody(['security']);
  await fresh.db`update access.sessions set mfa_at = now() - interval '901 seconds' where person_id = (select person_id from access.people where email = ${who.email})`;

  const refused = await call('GET', '/v1/audit/entries', { cookie: who.cookie });
  assert.deepEqual([refused.status, refused.body.code], [401, 'ACCESS_STEP_UP']);
  assert.match(
    refused.headers.get('www-authenticate') ?? '',
    /error="insufficient_user_authentication".*max_age="900"/,
  );
  const key = await call('POST', '/v1/access/keys', {
    headers: { authorization: `Bearer ${adminKey}` },
    body: { name: 'k', role: 'security' },
  });
  const byKey = await call('GET', '/v1/audit/entries', { headers: { authorization: `Bearer ${key.body.key}` } });
  assert.deepEqual([byKey.status, byKey.body.code], [403, 'ACCESS_DENIED'], 'a key has nothing to show');

  // with the password alone it stays shut; a recovery code is the second factor of this test
  const stepUp = (shown: object) =>
    call('POST', '/v1/access/session/step-up', { cookie: who.cookie, body: { password: PASSWORD, ...shown } });
  assert.equal((await stepUp({})).body.code, 'ACCESS_SECOND_FACTOR');
  assert.equal((await call('GET', '/v1/audit/entries', { cookie: who.cookie })).body.code, 'ACCESS_STEP_UP');
  // a page that asks for much at once: of what is under way while the token changes, all is answered, or refused as signed out
  const reads = () => call('GET', '/v1/access/whoami', { cookie: who.cookie, server: 1 });
  const [again, ...during] = await Promise.all([
    stepUp({ recoveryCode: who.recoveryCodes[0] }),
    ...Array.from({ length: 8 }, reads),
  ]);

  assert.equal(again.status, 204, JSON.stringify(again.body));
  assert.deepEqual(
    during.filter(({ status, body }) => status !== 200 && body.code !== 'ACCESS_UNAUTHENTICATED'),
    [],
  );
  assert.match(
    again.headers.get('set-cookie') ?? '',
    /^strongroom=srs_[0-9a-z]{52}; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  assert.equal((await call('GET', '/v1/audit/entries', { cookie: again.cookie })).status, 200);
  // the token before is of no use on any server, from then on
  for (const server of [0, 1])
    assert.equal((await call('GET', '/v1/access/session', { cookie: who.cookie, server })).status, 401);
});

test('a password alone opens nothing but setting up a second factor, on any route', async () => {
  const who = await invited(['admin']);
  const accepted = await call('POST', '/v1/access/people/accept', { body: { token: who.token, password: PASSWORD } });
  const { cookie, body: begun } = accepted;
  assert.deepEqual([accepted.status, begun.aal], [201, 1]);
  const { paths } = (await call('GET', '/openapi.json', { key: adminKey })).body;
  const open: string[] = [];
  let walked = 0;
  for (const [path, methods] of Object.entries(paths as Json))
    for (const [method, operation] of Object.entries(methods as Record<string, Json>)) {
      if (operation.security?.length === 0) continue;
      walked += 1;
      const at = path.replaceAll(/\{\w+\}/g, 'none');
      const { body } = await call(method.toUpperCase(), at, { cookie, server: walked % 2, ...(method === 'get' ? {} : { body: {} }) }); // prettier-ignore
      // SCIM's errors have words, and no code
      if (body.code !== 'ACCESS_ENROL_FIRST' && !String(body.detail).includes('one factor'))
        open.push(operation.operationId);
      // one of them ends the session
      if (operation.operationId === 'signOut') await fresh.db`update access.sessions set ended_at = null`;
    }

  assert.ok(walked > 100, `${walked}`);
  assert.deepEqual(open.toSorted(), [
    'addPasskey', 'confirmTotp', 'currentSession', 'listFactors', 'listPasskeys', 'newPasskeyOptions', 'offerTotp', 'signOut', 'stepUp', 'stepUpByPasskey', 'stepUpPasskeyOptions',
  ]); // prettier-ignore
  assert.match((await call('GET', '/v1/access/people', { cookie })).body.hint, /passkey or an authenticator app/);
  const [entry] = await logged(1);
  assert.deepEqual([entry?.action, entry?.outcome, entry?.actor.id], ['access.session.limited', 'denied', who.id]);

  const whole = await setUpApp(two, cookie);

  assert.equal((await call('GET', '/v1/access/people', { cookie: whole.cookie })).status, 200);
  assert.equal((await call('GET', '/v1/access/people', { cookie })).status, 401, 'the token before is gone');
  // without its last second factor it is what it was
  const removed = await call('DELETE', '/v1/access/factors/totp', { cookie: whole.cookie });
  assert.equal(removed.status, 204, JSON.stringify(removed.body));
  assert.equal((await call('GET', '/v1/access/people', { cookie: whole.cookie })).body.code, 'ACCESS_ENROL_FIRST');
});

test('who may break glass sees where it was broken, without a passkey of this moment', async () => {
  // so that being on call is all they are
  await policiesBecome((policies) => delete policies['support-ask']);
  const [onCall, support] = [await somebody(['on-call']), await somebody(['support'])];
  const look = async ({ cookie }: CameIn, path: string) => (await call('GET', `/v1/access/${path}`, { cookie })).status;
  for (const path of ['break-glass', 'eligibility', 'requests'])
    assert.deepEqual([await look(onCall, path), await look(support, path)], [200, 403], path);
});

test('a passkey belongs to the name of the site; where it has none there are no passkeys', async () => {
  const bare = await call('POST', '/v1/access/session/passkey/options');
  assert.deepEqual([bare.status, bare.body.code], [409, 'ACCESS_PASSKEYS_OFF']);

  const url = `http://localhost:${new URL(urls[0]).port}/v1/access/session/passkey`;
  const options = await fetch(`${url}/options`, { method: 'POST' });
  const asked = (await options.json()) as Json;
  assert.deepEqual([asked.rpId, asked.userVerification, asked.allowCredentials], ['localhost', 'required', undefined]);
  assert.match(
    options.headers.get('set-cookie') ?? '',
    /^strongroom-attempt=sra_[0-9a-z]{52}; .*HttpOnly; SameSite=Strict/,
  );
  const response = { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' };
  const answer = { id: 'AA', rawId: 'AA', type: 'public-key', clientExtensionResults: {}, response };
  const signedIn = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: options.headers.get('set-cookie')?.split(';')[0] ?? '' },
    body: JSON.stringify({ response: answer }),
  });
  assert.deepEqual([signedIn.status, ((await signedIn.json()) as Json).code], [401, 'ACCESS_PASSKEY_REFUSED']);
  const [entry] = await logged(1);
  assert.deepEqual([entry?.action, entry?.outcome, entry?.actor.id], ['access.session.begin', 'denied', 'unknown']);
});

test('a read that needs a fresh second factor is answered by the same challenge, and is in the log', async () => {
  const made = async (role: string): Promise<string> =>
    (
      await call('POST', '/v1/access/keys', {
        headers: { authorization: `Bearer ${adminKey}` },
        body: { name: role, role },
      })
    ).body.key;
  const stored = await call('POST', '/v1/vault/records', {
    headers: { authorization: `Bearer ${await made('application')}` },
    body: { collection: 'customer', fields: { last_name: 'Lovelace', company: 'Engines' } },
  });
  await policiesBecome(
    (policies) =>
      (policies['fresh-reads'] =
        '@stepUp("900") forbid (principal in Role::"billing", action == Action::"records.read", resource) unless { context.mfa == Mfa::"fresh" };'),
  );
  const who = await somebody(['billing']);
  await fresh.db`update access.sessions set mfa_at = now() - interval '901 seconds' where person_id = (select person_id from access.people where email = ${who.email})`;
  const read = () =>
    call('GET', `/v1/vault/records/${stored.body.id}`, {
      cookie: who.cookie,
      headers: { 'strongroom-purpose': 'service.billing' },
    });

  const refused = await read();

  assert.deepEqual([refused.status, refused.body.code], [401, 'VAULT_STEP_UP'], JSON.stringify(refused.body));
  assert.match(refused.headers.get('www-authenticate') ?? '', /max_age="900"/);
  assert.deepEqual([(await logged(1))[0]?.action, (await logged(1))[0]?.outcome], ['vault.read', 'denied']);
  await fresh.db`update access.sessions set mfa_at = now(), aal = 2`;
  assert.equal((await read()).status, 200);
});

test('the command line invites, lets in, lists and disables; what is secret comes by standard input', async () => {
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
  assert.deepEqual([entry?.action, entry?.outcome, entry?.actor.id], ['access.key.elsewhere', 'denied', elsewhere.id]);
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

test('all of it is in the log, and no address, password, token or code', async () => {
  const who = await somebody();
  await call('POST', '/v1/access/session', { body: { email: who.email, password: 'wrong violet tractor' } });
  await call('POST', '/v1/access/session', { body: { email: 'nobody@example.org', password: PASSWORD } });
  await call('PUT', `/v1/access/people/${who.id}/roles`, { cookie: ada, body: { roles: ['billing'] } });
  await call('POST', `/v1/access/people/${who.id}/disable`, { cookie: ada, body: {} });
  const self = await call('POST', `/v1/access/people/${(await logged(1))[0]?.actor.id}/disable`, {
    cookie: ada,
    body: {},
  });
  assert.deepEqual([self.status, self.body.code], [403, 'ACCESS_SELF_CHANGE']);
  const entries = (await logged(30)).filter(({ action }) => !/^(access\.factor|education)\./.test(action)).slice(-7);

  assert.deepEqual(
    entries.map(({ action, outcome, detail }) => [action, outcome, detail.code ?? null]),
    [
      ['access.person.invite', 'done', null],
      ['access.session.begin', 'done', null],
      ['access.session.begin', 'denied', 'ACCESS_SIGN_IN_REFUSED'],
      ['access.session.begin', 'denied', 'ACCESS_SIGN_IN_REFUSED'],
      ['access.person.roles', 'done', null],
      ['access.person.disable', 'done', null],
      ['access.person.disable', 'denied', 'ACCESS_SELF_CHANGE'],
    ],
  );
  assert.deepEqual([entries[2]?.actor.id, entries[3]?.actor.id], [who.id, 'unknown']);
  assert.doesNotMatch(JSON.stringify(await logged(1000)), /example\.org|tractor|sr[skl]_/);
});

test('who is not an administrator manages nobody; a key has no session', async () => {
  const who = await somebody();
  for (const [method, path, body] of [
    ['GET', '/v1/access/people'],
    ['POST', '/v1/access/people', { email: 'x@example.org', name: 'X', roles: ['support'] }],
    ['POST', `/v1/access/people/${who.id}/link`, { kind: 'all', identifiedBy: 'video' }],
    ['GET', `/v1/access/people/${who.id}/sessions`],
  ] as const)
    assert.equal(
      (await call(method, path, { cookie: who.cookie, ...(body === undefined ? {} : { body }) })).status,
      403,
      path,
    );
  for (const [method, path] of [
    ['GET', '/v1/access/session'],
    ['GET', '/v1/access/sessions'],
    ['GET', '/v1/access/factors'],
    ['DELETE', '/v1/access/session'],
  ] as const) {
    const answer = await call(method, path, { headers: { authorization: `Bearer ${adminKey}` } });
    assert.deepEqual([answer.status, answer.body.code], [403, 'ACCESS_SESSION_NEEDED'], path);
  }
});

const SCIM = 'urn:ietf:params:scim:schemas:core:2.0';
async function provider(): Promise<
  (method: string, path: string, body?: object, more?: Record<string, string>, server?: number) => Promise<Answer>
> {
  const { body } = await call('POST', '/v1/access/keys', { cookie: ada, body: { name: 'idp', role: 'provisioner' } });
  return (method, path, sent, more = {}, server = 0) =>
    call(method, path, {
      headers: { authorization: `Bearer ${body.key}`, 'content-type': 'application/scim+json', ...more },
      server,
      ...(sent === undefined ? {} : { body: sent }),
    });
}

test('an identity provider keeps people and groups by SCIM; what a group means ends on every server at once', async () => {
  const idp = await provider();
  const made = await idp('POST', '/scim/v2/Users', {
    schemas: [`${SCIM}:User`],
    userName: 'dee@example.org',
    active: true,
  });
  assert.deepEqual(
    [made.status, made.headers.get('content-type'), made.headers.get('etag')],
    [201, 'application/scim+json; charset=utf-8', made.body.meta.version],
  );
  const { id } = made.body;
  const group = await idp('POST', '/scim/v2/Groups', {
    schemas: [`${SCIM}:Group`],
    displayName: 'Help desk',
    members: [{ value: id }],
  });
  const mapping = await call('PUT', `/v1/access/groups/${group.body.id}/roles`, {
    cookie: ada,
    body: { roles: ['security'] },
  });
  assert.equal(mapping.status, 204, JSON.stringify(mapping.body));
  const link = await call('POST', `/v1/access/people/${id}/link`, {
    cookie: ada,
    body: { kind: 'all', identifiedBy: 'in-person' },
  });
  const { cookie } = await comeIn(two, link.body.token);
  const read = () => call('GET', '/v1/access/policies', { cookie, server: 1 });
  assert.equal((await read()).status, 200);

  const query = encodeURIComponent('userName eq "DEE@example.org"');
  const found = await idp('GET', `/scim/v2/Users?filter=${query}&attributes=userName`);
  assert.deepEqual(
    [found.body.totalResults, found.body.Resources],
    [1, [{ schemas: [`${SCIM}:User`], id, userName: 'dee@example.org' }]],
  );
  const operations = (path: string, op: string, value?: unknown) => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op, path, value }],
  });
  const stale = await idp('PATCH', `/scim/v2/Users/${id}`, operations('active', 'replace', false), {
    'if-match': made.body.meta.version,
  });
  assert.deepEqual([stale.status, stale.body.status], [412, '412'], 'it is in a group since');
  const [, denied] = [
    await idp('PATCH', `/scim/v2/Users/${id}`, operations('active', 'Replace', 'False')),
    await read(),
  ];

  assert.deepEqual([denied.status, denied.body.code], [401, 'ACCESS_UNAUTHENTICATED']);
  assert.deepEqual(
    (await logged(3)).map(({ action, outcome, detail }) => [
      action,
      outcome,
      detail.code ?? detail.attributes ?? detail.roles,
    ]),
    [
      ['access.provision.user.update', 'denied', 'ACCESS_SCIM_STALE'],
      ['access.provision.user.update', 'done', ['active']],
      ['access.person.roles', 'done', []],
    ],
  );
  assert.equal((await idp('DELETE', `/scim/v2/Users/${id}`)).status, 204);
  const twice = await idp('DELETE', `/scim/v2/Users/${id}`);
  assert.deepEqual(
    [twice.status, twice.body.schemas, twice.body.status],
    [404, ['urn:ietf:params:scim:api:messages:2.0:Error'], '404'],
  );
  assert.doesNotMatch(JSON.stringify(await logged(1000)), /example\.org|Help desk/);
});

test('SCIM errors are its own, and what a provider may not ask is said plainly', async () => {
  const idp = await provider();
  const get = (query: string) => idp('GET', `/scim/v2/Users?${query}`);
  for (const [asked, status, scimType] of [
    [await get(`filter=${encodeURIComponent(`${'('.repeat(500)}userName pr`)}`), 400, 'invalidFilter'],
    [await get(`filter=${encodeURIComponent('password eq "x"')}`), 400, 'invalidFilter'],
    [await get('sortBy=userName'), 400, 'invalidValue'],
    [
      await idp('POST', '/scim/v2/Users', { schemas: [`${SCIM}:User`], userName: 'ada@example.org' }),
      409,
      'uniqueness',
    ],
    [
      await idp('POST', '/scim/v2/Users', { schemas: [`${SCIM}:Group`], userName: 'x@example.org' }),
      400,
      'invalidSyntax',
    ],
    [await idp('POST', '/scim/v2/Users', { schemas: [`${SCIM}:User`], userName: 'no address' }), 400, 'invalidValue'],
  ] as const) {
    assert.deepEqual(
      [asked.status, asked.body.status, asked.body.scimType],
      [status, String(status), scimType],
      JSON.stringify(asked.body),
    );
    assert.match(asked.headers.get('content-type') ?? '', /^application\/scim\+json/);
  }
  const negative = await get('startIndex=-5&count=-1');
  assert.deepEqual([negative.body.startIndex, negative.body.itemsPerPage], [1, 0]);
  const config = (await idp('GET', '/scim/v2/ServiceProviderConfig')).body;
  assert.deepEqual(
    [config.patch.supported, config.bulk.supported, config.sort.supported, config.etag.supported],
    [true, false, false, true],
  );
  assert.equal((await idp('GET', `/scim/v2/Schemas/${SCIM}:User`)).body.name, 'User');
  assert.equal((await idp('GET', '/scim/v2/ResourceTypes')).body.totalResults, 2);
});

test('where clients are asked for no certificate, no key is bound to one', async () => {
  const body = { name: 'n', role: 'support', certificate: 'A'.repeat(43) };
  const made = await call('POST', '/v1/access/keys', { cookie: ada, body });
  assert.deepEqual([made.status, made.body.code], [409, 'ACCESS_CERTIFICATES_OFF']);
});

test('a key for provisioning does nothing else, and nobody else provisions', async () => {
  const idp = await provider();
  const who = (await idp('GET', '/v1/access/whoami')).body;
  assert.deepEqual(who.actions, ['people.provision']);
  for (const [method, path] of [
    ['GET', '/v1/access/people'],
    ['GET', '/v1/access/groups'],
    ['GET', '/v1/access/keys'],
    ['GET', '/v1/audit/entries'],
  ] as const)
    assert.equal((await idp(method, path)).status, 403, path);
  for (const asked of [
    await call('GET', '/scim/v2/Users', { cookie: ada }),
    await call('GET', '/scim/v2/Users', { headers: { authorization: `Bearer ${adminKey}` } }),
    // a person in that role is no provider
    await call('GET', '/scim/v2/Users', { cookie: (await somebody(['provisioner'])).cookie }),
  ])
    assert.deepEqual([asked.status, asked.body.schemas], [403, ['urn:ietf:params:scim:api:messages:2.0:Error']]);
});

test('AuthZEN: a person is answered for in each of the roles, about itself by anybody, and not once disabled', async () => {
  const two = await somebody(['support', 'billing']);
  const one = await somebody(['support']);
  const security = await call('POST', '/v1/access/keys', {
    headers: { authorization: `Bearer ${adminKey}` },
    body: { name: 'decisions', role: 'security' },
  });
  const asSecurity = { headers: { authorization: `Bearer ${security.body.key}` } };
  const question = (id: string) => ({
    subject: { type: 'person', id },
    action: { name: 'records.read' },
    resource: { type: 'class', id: 'sensitive' },
    context: { purpose: 'service.billing', mfa: 'fresh' },
  });
  const ask = async (id: string, how: Sent): Promise<Answer> =>
    call('POST', '/access/v1/evaluation', { ...how, body: question(id) });
  const search = async (): Promise<string[]> => {
    const body = { ...question(''), subject: { type: 'person' } };
    const found = await call('POST', '/access/v1/search/subject', { ...asSecurity, body });
    return (found.body.results as { id: string }[]).map(({ id }) => id);
  };

  const yes = (await ask(two.id, asSecurity)).body;
  assert.deepEqual([yes.decision, yes.context.role], [true, 'billing']);
  const plain = await call('POST', '/access/v1/evaluation', {
    ...asSecurity,
    body: { ...question(two.id), subject: { type: 'role', id: 'billing' } },
  });
  assert.equal(plain.body.decision, true);
  assert.equal((await ask('per_nobody', asSecurity)).body.context.error.status, 404);
  // about oneself, and nobody else
  assert.equal((await ask(one.id, { cookie: one.cookie })).status, 200);
  assert.equal((await ask(two.id, { cookie: one.cookie })).status, 403);
  assert.ok((await search()).includes(two.id));

  const out = await call('POST', `/v1/access/people/${two.id}/disable`, { cookie: ada, body: { keys: 'revoke' } });
  assert.equal(out.status, 200, JSON.stringify(out.body));
  assert.equal((await ask(two.id, asSecurity)).body.context.error.status, 404);
  assert.ok(!(await search()).includes(two.id));
});
