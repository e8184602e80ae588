import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { Provider as OidcProvider } from 'oidc-provider';

import { secret } from '#platform/crypto';
import { createHttp, type HttpServer } from '#platform/http';
import { parsePublicId, type Uuid } from '#platform/ids';
import { createLog } from '#platform/log';

import { oidcRoutes } from '../http/oidc.ts';
import { createSurroundings } from '../surroundings.ts';
import { code, PASSWORD, peopleServers, placeFor, type PeopleServers } from '../testing.ts';

const nothing = () => Promise.resolve();
const LOG = { begun: nothing, refused: nothing };
const CALLBACK = new URL('https://strongroom.example/v1/access/session/oidc/callback');
const HOME = new URL('https://strongroom.example/');
const refused = code('ACCESS_OIDC_REFUSED');

/** Who is signed in at the provider, and how; each test says. */
type There = { sub: string; email: string; verified: boolean; acr?: string };
let there: There;
/** Whether somebody between the provider and here changes the signature of the ID token. */
let forging = false;
let server: Server;
let servers: PeopleServers;
let http: HttpServer;
let issuer: string;
/** The provider's own key. */
let key: CryptoKey;
/** Logout tokens that the provider sent. */
const sent: string[] = [];

before(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const pair = await generateKeyPair('RS256', { extractable: true });
  key = pair.privateKey;
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new OidcProvider(issuer, {
    clients: [
      {
        client_id: 'strongroom',
        client_secret: 'a secret of the test',
        redirect_uris: [CALLBACK.href],
        post_logout_redirect_uris: [HOME.href],
        backchannel_logout_uri: `${issuer}/strongroom-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(key)), kid: 'k', use: 'sig', alg: 'RS256' }] },
    acrValues: ['phr', 'mfa'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], acr: null, auth_time: null },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    pkce: { required: () => true },
    // its own would not speak to this machine
    fetch: (url, options) =>
      fetch(url, Object.fromEntries(Object.entries(options ?? {}).filter(([name]) => name !== 'dispatcher'))),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: there.email, email_verified: there.verified }),
    }),
    cookies: { keys: ['a key of the test'] },
  });
  const handle = provider.callback();
  // what a person would do on the provider's pages
  const interact = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: there.sub, clientId: String(params.client_id) });
    grant.addOIDCScope('openid email');
    const login = { accountId: there.sub, ...(there.acr === undefined ? {} : { acr: there.acr }) };
    await provider.interactionFinished(request, response, { login, consent: { grantId: await grant.save() } });
  };
  server.on('request', (request, response) => {
    if (request.url === '/strongroom-logout') {
      let form = '';
      request.on('data', (piece: Buffer) => (form += piece.toString()));
      request.on('end', () => {
        sent.push(new URLSearchParams(form).get('logout_token') ?? '');
        response.end();
      });
      return;
    }
    if (forging && request.url === '/token') forgeIdToken(response);
    const answered =
      request.url?.startsWith('/interaction/') === true ? interact(request, response) : handle(request, response);
    answered.catch((thrown: unknown) => response.destroy(thrown as Error));
  });
  const settings = {
    issuer,
    clientId: 'strongroom',
    clientSecret: secret('a secret of the test'),
    mfaAcr: ['phr', 'mfa'],
  };
  servers = await peopleServers(settings);
  http = await createHttp({ log: createLog('silent'), version: '0' });
  const site = { origin: CALLBACK.origin, secure: true };
  const surroundings = createSurroundings({ zones: [], businessHours: null, clock: () => new Date() });
  oidcRoutes(http, { identity: servers.other, audit: servers.audit, site, surroundings } as never);
});
after(async () => {
  await http.close();
  await servers.close();
  server.closeAllConnections();
  server.close();
});

function forgeIdToken(response: ServerResponse): void {
  const end = response.end.bind(response) as (body: string) => ServerResponse;
  response.end = ((body: unknown) =>
    end(
      String(body).replace(/("id_token":"[^".]+\.[^".]+\.)(.)/, (_all, signed: string, first: string) => `${signed}${first === 'A' ? 'B' : 'A'}`),
    )) as never; // prettier-ignore
}

/** Follows the provider as a browser does. @returns the address that it sends back to */
async function walk(url: URL, cookies = new Map<string, string>(), form?: string): Promise<URL> {
  let at = url;
  for (let n = 0; n < 10; n += 1) {
    const response = await fetch(at, {
      redirect: 'manual',
      ...(n === 0 && form !== undefined ? { method: 'POST', body: new URLSearchParams(form) } : {}),
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const location = response.headers.get('location');
    assert.ok(location !== null, `${response.status} ${await response.text()}`);
    at = new URL(location, at);
    if (at.host === CALLBACK.host) return at;
  }
  return assert.fail('the provider does not come to an end');
}
async function signIn(who: There, cookies = new Map<string, string>()) {
  there = who;
  const { oidc } = servers.identity;
  const { url, attempt } = await oidc.begin(CALLBACK);
  return oidc.finish(await walk(url, cookies), attempt, placeFor(), LOG);
}
let count = 0;
async function invited(roles = ['support']) {
  const email = `o${(count += 1)}@example.org`;
  const { id } = await servers.identity.people.invite(servers.ada, { email, name: 'Some Body', roles }, nothing);
  return { id, who: { sub: `sub-${count}`, email, verified: true } };
}

test('who was invited comes in by the provider, and is known there by issuer and subject from then on', async () => {
  const { id, who } = await invited();

  const first = await signIn({ ...who, acr: 'mfa' });
  assert.equal(first.person, id);
  const actor = await servers.other.sessions.authenticate(first.token);
  assert.deepEqual(
    [actor.session?.amr, actor.session?.assurance],
    [['fed'], { mfa: 'fresh', phishingResistant: false }],
  );

  // the address changed there; the person is the same
  assert.equal((await signIn({ ...who, email: 'renamed@example.org' })).person, id);
});

test('an ID token with another signature than the provider gave it lets nobody in', async (t) => {
  const { who } = await invited();
  t.after(() => (forging = false));
  forging = true;
  await assert.rejects(signIn(who), refused);

  forging = false;
  assert.equal((await signIn(who)).role, 'support');
});

test('what the provider does not say was shown counts as one factor', async () => {
  const { who } = await invited();
  const assurance = async (acr: object) =>
    (await servers.identity.sessions.authenticate((await signIn({ ...who, ...acr })).token)).session?.assurance;

  assert.deepEqual(await assurance({}), { mfa: 'none', phishingResistant: false });
  assert.deepEqual(await assurance({ acr: 'phr' }), { mfa: 'fresh', phishingResistant: true });
  assert.deepEqual(
    await assurance({ acr: 'phrh' }),
    { mfa: 'none', phishingResistant: false },
    'not among the settings',
  );
});

test('nobody comes in who was not invited, whose address is not verified, or who is here already by other means', async () => {
  await assert.rejects(signIn({ sub: 'stranger', email: 'stranger@example.org', verified: true }), refused);
  const { who } = await invited();
  await assert.rejects(signIn({ ...who, verified: false }), refused);
  const here = await servers.somebody();
  await assert.rejects(signIn({ sub: 'takes over', email: here.email, verified: true }), refused);
  assert.equal((await signIn(who)).role, 'support');
});

test('a disabled person does not come in by the provider, until they are let in again', async () => {
  const { id, who } = await invited();
  await signIn(who);
  await servers.identity.people.disable(servers.ada, id, 'revoke', nothing);
  await assert.rejects(signIn(who), refused);

  await servers.identity.people.enable(servers.ada, id, nothing);
  assert.equal((await signIn(who)).person, id);
});

test('an answer belongs to the browser that asked: another attempt, state, code or time is refused', async () => {
  const { who } = await invited();
  there = who;
  const { oidc } = servers.identity;
  const mine = await oidc.begin(CALLBACK);
  const yours = await oidc.begin(CALLBACK);
  const back = await walk(mine.url);

  await assert.rejects(oidc.finish(back, yours.attempt, placeFor(), LOG), refused, 'state of another');
  await assert.rejects(oidc.finish(back, 'AAAA', placeFor(), LOG), refused, 'no attempt');
  const altered = new URL(back);
  altered.searchParams.set('state', new URL(yours.url).searchParams.get('state') as string);
  await assert.rejects(oidc.finish(altered, yours.attempt, placeFor(), LOG), refused, 'verifier and nonce of another');

  const third = await oidc.begin(CALLBACK);
  const otherState = await walk(third.url);
  otherState.searchParams.set('state', 'x'.repeat(43));
  await assert.rejects(oidc.finish(otherState, third.attempt, placeFor(), LOG), refused, 'an answer to nothing asked');

  const again = await oidc.begin(CALLBACK);
  const once = await walk(again.url);
  const withoutIssuer = new URL(once);
  withoutIssuer.searchParams.delete('iss');
  await assert.rejects(oidc.finish(withoutIssuer, again.attempt, placeFor(), LOG), refused, 'RFC 9207');
  assert.ok(await oidc.finish(once, again.attempt, placeFor(), LOG));
  await assert.rejects(oidc.finish(once, again.attempt, placeFor(), LOG), refused, 'a code is good once');
});

test('what is asked of the provider: PKCE, nonce, state, a recent sign-in', async () => {
  const { url } = await servers.identity.oidc.begin(CALLBACK);
  const asked = url.searchParams;

  assert.equal(asked.get('code_challenge_method'), 'S256');
  assert.equal(asked.get('max_age'), '300');
  for (const name of ['code_challenge', 'nonce', 'state']) assert.ok((asked.get(name) ?? '').length >= 40, name);
});

test('beside the provider, passwords stay what they are: who has none does not come in by one', async () => {
  const { who } = await invited();
  await signIn(who);
  await assert.rejects(
    servers.identity.signIn.byPassword(who.email, { password: PASSWORD }, placeFor(), LOG),
    code('ACCESS_SIGN_IN_REFUSED'),
  );
});

test('who has no password sets up no app, whose codes would never let them in; a passkey they may', async () => {
  const { who } = await invited();
  const actor = await servers.identity.sessions.authenticate((await signIn(who)).token);
  await assert.rejects(servers.identity.factors.offerTotp(actor, nothing), code('ACCESS_PASSWORD_NEEDED'));

  const site = { id: 'strongroom.example', origin: CALLBACK.origin };
  assert.ok(await servers.identity.passkeys.offer(actor, site), 'nothing was begun that would have to be shown now');
});

test('the session that a browser went away with ends when it comes back signed in, and not before', async () => {
  const [here, { who }] = [await servers.somebody(), await invited()];
  there = who;
  const name = '__Host-strongroom';
  const away = await http.inject({
    url: '/v1/access/session/oidc',
    headers: { 'sec-fetch-site': 'same-origin', cookie: `${name}=${here.begun.token}` },
  });
  const attempt = String(away.headers['set-cookie']).split(';')[0] as string;
  assert.ok(!attempt.includes(here.begun.token), 'it goes along sealed');
  const back = await walk(new URL(String(away.headers.location)));
  const come = (url: URL) => http.inject({ url: `${url.pathname}${url.search}`, headers: { cookie: attempt } });

  const wrong = new URL(back);
  wrong.searchParams.set('state', 'x'.repeat(43));
  assert.deepEqual((await come(wrong)).json<{ code: string }>().code, 'ACCESS_OIDC_REFUSED');
  assert.ok(await here.now(), 'who does not come in ends nothing');

  // in another tab, meanwhile: the same session has another token from here on
  const { sessions } = servers.identity;
  const actor = await here.now();
  const renewed = await servers.db.begin((tx) =>
    sessions.rotate(tx as never, actor, { aal: 2, amr: ['pwd', 'otp'], mfa: true, phishing_resistant: false }),
  );
  assert.equal((await sessions.authenticate(renewed)).session?.id, actor.session?.id);

  const answer = await come(back);
  assert.equal(answer.statusCode, 200);
  await assert.rejects(sessions.authenticate(renewed), code('ACCESS_UNAUTHENTICATED'));
  const token = /=([^;]+)/.exec([answer.headers['set-cookie']].flat()[0] ?? '')?.[1];
  assert.equal((await servers.identity.sessions.authenticate(token)).role, 'support');
});

test('who is not signed in is told by which provider they may be', async () => {
  const answer = await http.inject({ url: '/v1/access/session/ways' });
  assert.deepEqual(answer.json(), { provider: new URL(issuer).host });
});

test('where there is no provider, nobody is sent anywhere', async () => {
  const bare = await peopleServers();
  try {
    assert.equal(bare.identity.oidc.host, null);
    await assert.rejects(bare.identity.oidc.begin(CALLBACK), code('ACCESS_OIDC_OFF'));
  } finally {
    await bare.close();
  }
});

/** As the provider sends it. @returns the sessions that ended, by the log */
async function logout(token: string): Promise<readonly string[]> {
  const answer = await http.inject({
    method: 'POST',
    url: '/v1/access/session/oidc/logout',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ logout_token: token, more: 'x' }).toString(),
  });
  if (answer.statusCode !== 200) throw Object.assign(new Error(answer.body), answer.json<{ code: string }>());
  const [entry] = (await servers.logged(1)) as { detail: { ended: string[] } }[];
  return entry?.detail.ended ?? [];
}
const isIn = (token: string): Promise<boolean> =>
  servers.identity.sessions.authenticate(token).then(
    () => true,
    () => false,
  );
const EVENT = { 'http://schemas.openid.net/event/backchannel-logout': {} };
/** As the provider would sign it; `undefined` leaves a claim out. */
const logoutToken = (claims: JWTPayload, header: object = {}, by: CryptoKey | Uint8Array = key): Promise<string> => {
  const now = Math.floor(Date.now() / 1000);
  const whole = {
    iss: issuer,
    aud: 'strongroom',
    iat: now,
    exp: now + 120,
    jti: `jti-${Math.random()}`,
    events: EVENT,
    ...claims,
  };
  return new SignJWT(whole).setProtectedHeader({ alg: 'RS256', kid: 'k', typ: 'logout+jwt', ...header }).sign(by);
};
const notTaken = code('ACCESS_LOGOUT_REFUSED');

test('who signs out is shown the way to sign out there; the provider says so, and the session there ends here, by its sid', async () => {
  const { who } = await invited();
  const cookies = new Map<string, string>();
  const [here, elsewhere] = [await signIn(who, cookies), await signIn(who)];
  const { page } = servers.identity.providerLogout;
  const session = parsePublicId('ses', here.id) as Uuid;

  const way = (await page(session, HOME)) as URL;
  const asked = await fetch(way, { headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') } });
  for (const line of asked.headers.getSetCookie()) {
    const [pair = ''] = line.split(';');
    cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  }
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(await asked.text())?.[1] ?? '';
  const back = await walk(new URL(`${issuer}/session/end/confirm`), cookies, `xsrf=${xsrf}&logout=yes`);
  assert.equal(back.origin + back.pathname, HOME.href);

  const [token = ''] = sent;
  assert.deepEqual(await logout(token), [here.id]);
  assert.deepEqual([await isIn(here.token), await isIn(elsewhere.token)], [false, true]);
  await assert.rejects(logout(token), notTaken, 'each token is good once');
  const local = await servers.somebody();
  assert.equal(
    await page(parsePublicId('ses', local.begun.id) as Uuid, HOME),
    null,
    'a session that began here ends here',
  );
});

test('a logout token without a session ends all of the person, and of nobody else', async () => {
  const [one, other] = [await invited(), await invited()];
  const sessions = [await signIn(one.who), await signIn(one.who), await signIn(other.who)];

  const ended = await logout(await logoutToken({ sub: one.who.sub }));

  assert.equal(ended.length, 2);
  assert.deepEqual(await Promise.all(sessions.map(({ token }) => isIn(token))), [false, false, true]);
  assert.deepEqual(await logout(await logoutToken({ sub: 'nobody' })), [], 'who has no session is signed out');
});

test('a logout token that comes while somebody is on the way in keeps them out, until they show who they are again', async () => {
  const { who } = await invited();
  const cookies = new Map<string, string>();
  const first = await signIn(who, cookies);
  const [{ sid } = { sid: '' }] = await servers.db<
    { sid: string }[]
  >`select sid from access.sessions where session_id = ${parsePublicId('ses', first.id)}`;
  const { oidc } = servers.identity;
  /** As far as the browser's way back; what happens on the way; then in. */
  const onTheWay = async (happens: () => Promise<unknown>, jar = new Map<string, string>()) => {
    const { url, attempt } = await oidc.begin(CALLBACK);
    const back = await walk(url, jar);
    await happens();
    return oidc.finish(back, attempt, placeFor(), LOG);
  };
  const over = (claims: JWTPayload) => async () => logout(await logoutToken(claims));

  await assert.rejects(onTheWay(over({ sid }), cookies), refused, 'the very session there has ended');
  await assert.rejects(onTheWay(over({ sub: who.sub })), refused, 'all of theirs have ended');
  // who showed who they are after that has a session of their own
  await servers.db`update access.logout_tokens set issued_at = issued_at - interval '1 minute'`;
  assert.ok(await signIn(who));
  // what ends for others ends for nobody else
  assert.ok(await onTheWay(over({ sid: 'another' })));
  assert.ok(await onTheWay(over({ sub: 'another', sid })));
  await assert.rejects(onTheWay(nothing, cookies), refused, 'a session there that has ended does not come back');
});

test('a logout token at the very moment at which a session begins ends that session', async () => {
  const { who } = await invited();
  await signIn(who);
  const { url, attempt } = await servers.identity.oidc.begin(CALLBACK);
  const back = await walk(url);
  const token = await logoutToken({ sub: who.sub });
  let ending: Promise<unknown> = Promise.resolve();
  const begun = await servers.identity.oidc.finish(back, attempt, placeFor(), {
    ...LOG,
    begun: async () => {
      // the session is written, and nobody else sees it yet
      const state = { over: false };
      ending = logout(token).finally(() => (state.over = true));
      ending.catch(() => undefined);
      // it waits for this one, or it is over before it
      const waits = () => servers.db`
        select 1 from pg_locks join pg_database on pg_database.oid = pg_locks.database
        where datname = current_database() and locktype = 'advisory' and not granted`;
      while (!state.over && (await waits()).length === 0);
    },
  });

  await ending;
  assert.equal(await isIn(begun.token), false);
});

test('no page of another site, and no link, sends anybody to the provider: they are asked first, in no frame', async () => {
  const url = '/v1/access/session/oidc';
  const ask = async (method: 'GET' | 'POST', headers: Record<string, string>) => {
    const answer = await http.inject({ method, url, headers });
    return [answer.statusCode, answer.headers.location !== undefined || answer.headers['set-cookie'] !== undefined];
  };
  for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' }, { origin: CALLBACK.origin }])
    assert.deepEqual(await ask('GET', headers as Record<string, string>), [200, false], JSON.stringify(headers)); // prettier-ignore
  assert.deepEqual(await ask('GET', { 'sec-fetch-site': 'same-origin' }), [302, true]);

  const page = await http.inject({ url });
  assert.match(page.body, /<form method="post" action="\/v1\/access\/session\/oidc">/);
  assert.match(String(page.headers['content-security-policy']), /frame-ancestors 'none'/);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-site', origin: CALLBACK.origin }])
    assert.deepEqual(await ask('POST', { ...form, ...headers }), [403, false], JSON.stringify(headers)); // prettier-ignore
  assert.deepEqual(await ask('POST', { ...form, 'sec-fetch-site': 'same-origin' }), [303, true]);
  assert.deepEqual(await ask('POST', { ...form, origin: CALLBACK.origin }), [303, true], 'an older browser');
});

test('a logout token that is forged, of another kind, for another, old, or without what it must have ends nothing', async () => {
  const { who } = await invited();
  const { token } = await signIn(who);
  const sub = who.sub;
  const now = Math.floor(Date.now() / 1000);
  const [{ sid } = { sid: '' }] = await servers.db<
    { sid: string }[]
  >`select sid from access.sessions where subject = ${sub}`;
  assert.ok(sid);
  const forger = (await generateKeyPair('RS256')).privateKey;
  const [head, body] = (await logoutToken({ sub })).split('.');
  const none = Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString('base64url');
  const good = await logoutToken({ sub, jti: 'twice at once' });
  const bad: Readonly<Record<string, string>> = {
    'another key': await logoutToken({ sub }, {}, forger),
    'alg none': `${none}.${body}.`,
    'the secret of the client': await logoutToken({ sub }, { alg: 'HS256' }, new TextEncoder().encode('a secret of the test')),
    'no signature': `${head}.${body}.AAAA`,
    'no token': 'x',
    'an ID token': await logoutToken({ sub }, { typ: 'JWT' }),
    'no type': await logoutToken({ sub }, { typ: undefined }),
    'with a nonce': await logoutToken({ sub, nonce: 'n' }),
    'an empty nonce': await logoutToken({ sub, nonce: '' }),
    'another issuer': await logoutToken({ sub, iss: 'https://other.example' }),
    'another audience': await logoutToken({ sub, aud: 'another' }),
    'no event': await logoutToken({ sub, events: undefined }),
    'another event': await logoutToken({ sub, events: { 'http://schemas.openid.net/event/other': {} } }),
    'an event that is no object': await logoutToken({ sub, events: { [Object.keys(EVENT)[0] as string]: true } }),
    'no jti': await logoutToken({ sub, jti: undefined as never }),
    'no iat': await logoutToken({ sub, iat: undefined as never }),
    'no exp': await logoutToken({ sub, exp: undefined as never }),
    'nobody': await logoutToken({}),
    'too old': await logoutToken({ sub, iat: now - 400, exp: now + 120 }),
    'over': await logoutToken({ sub, iat: now - 200, exp: now - 60 }),
    'of tomorrow': await logoutToken({ sub, iat: now + 86_400, exp: now + 86_500 }),
    'a sid that is not of this sub': await logoutToken({ sub: 'another', sid }),
    'a sid that there is not': await logoutToken({ sub, sid: 'x' }),
  }; // prettier-ignore

  for (const [what, each] of Object.entries(bad)) {
    const ended = await logout(each).catch((thrown: unknown) =>
      notTaken(thrown as { code: string }) ? [] : [String(thrown)],
    );
    assert.deepEqual(ended, [], what);
    assert.ok(await isIn(token), what);
  }
  const twice = await Promise.allSettled([logout(good), logout(good)]);
  assert.deepEqual(twice.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  assert.equal(await isIn(token), false);
});
