/** People on the whole system: two servers on one database, over HTTP, with cookies. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  comeIn,
  PASSWORD,
  twoSystems,
  type Answer,
  type CameIn,
  type Json,
  type Sent,
  type TwoSystems,
} from './testing.ts';
import { factorsAreAskedFor } from './identity-factors.tests.ts';
import { programsComeIn } from './identity-programs.tests.ts';
import { boundsHold } from './identity-bounds.tests.ts';
import { providerKeepsPeople } from './identity-scim.tests.ts';
import { authzenAnswers } from './identity-authzen.tests.ts';

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

/** What the parts are handed, as it is when they ask. */
const running = () => ({
  two,
  systems,
  urls,
  fresh,
  adminKey,
  ada,
  call,
  logged,
  invited,
  somebody,
  policiesBecome,
  SCIM,
  provider,
});
export type Running = ReturnType<typeof running>;

factorsAreAskedFor(running);
programsComeIn(running);
boundsHold(running);
providerKeepsPeople(running);
authzenAnswers(running);
