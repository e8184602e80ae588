/** Signing out there ends the session here, if it is the provider who says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

import { parsePublicId, type Uuid } from '#platform/ids';

import { code, placeFor } from '../testing.ts';
import type { Running } from './oidc.test.ts';

const EVENT = { 'http://schemas.openid.net/event/backchannel-logout': {} };

const notTaken = code('ACCESS_LOGOUT_REFUSED');

export function logoutsAreHeard(of: () => Running): void {
  /** As the provider sends it. @returns the sessions that ended, by the log */
  async function logout(token: string): Promise<readonly string[]> {
    const { http, servers } = of();
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
    of()
      .servers.identity.sessions.authenticate(token)
      .then(
        () => true,
        () => false,
      );

  /** As the provider would sign it; `undefined` leaves a claim out. */
  const logoutToken = (
    claims: JWTPayload,
    header: object = {},
    by: CryptoKey | Uint8Array = of().key,
  ): Promise<string> => {
    const { issuer } = of();
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

  test('who signs out is shown the way to sign out there; the provider says so, and the session there ends here, by its sid', async () => {
    const { invited, signIn, servers, HOME, walk, issuer, sent } = of();
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
    const { invited, signIn } = of();
    const [one, other] = [await invited(), await invited()];
    const sessions = [await signIn(one.who), await signIn(one.who), await signIn(other.who)];

    const ended = await logout(await logoutToken({ sub: one.who.sub }));

    assert.equal(ended.length, 2);
    assert.deepEqual(await Promise.all(sessions.map(({ token }) => isIn(token))), [false, false, true]);
    assert.deepEqual(await logout(await logoutToken({ sub: 'nobody' })), [], 'who has no session is signed out');
  });

  test('a logout token that comes while somebody is on the way in keeps them out, until they show who they are again', async () => {
    const { invited, signIn, servers, CALLBACK, walk, LOG, refused, nothing } = of();
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
    const { invited, signIn, servers, CALLBACK, walk, LOG } = of();
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
    const { http, CALLBACK } = of();
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
    const { invited, signIn, servers } = of();
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
}
