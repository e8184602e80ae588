/** What is asked of the provider, by which browser, and what passwords are beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { code, PASSWORD, peopleServers, placeFor } from '../testing.ts';
import type { Running } from './oidc.test.ts';

export function providerIsAsked(of: () => Running): void {
  test('an answer belongs to the browser that asked: another attempt, state, code or time is refused', async () => {
    const { invited, comesAs, servers, CALLBACK, walk, LOG, refused } = of();
    const { who } = await invited();
    comesAs(who);
    const { oidc } = servers.identity;
    const mine = await oidc.begin(CALLBACK);
    const yours = await oidc.begin(CALLBACK);
    const back = await walk(mine.url);

    await assert.rejects(oidc.finish(back, yours.attempt, placeFor(), LOG), refused, 'state of another');
    await assert.rejects(oidc.finish(back, 'AAAA', placeFor(), LOG), refused, 'no attempt');
    const altered = new URL(back);
    altered.searchParams.set('state', new URL(yours.url).searchParams.get('state') as string);
    await assert.rejects(
      oidc.finish(altered, yours.attempt, placeFor(), LOG),
      refused,
      'verifier and nonce of another',
    );

    const third = await oidc.begin(CALLBACK);
    const otherState = await walk(third.url);
    otherState.searchParams.set('state', 'x'.repeat(43));
    await assert.rejects(
      oidc.finish(otherState, third.attempt, placeFor(), LOG),
      refused,
      'an answer to nothing asked',
    );

    const again = await oidc.begin(CALLBACK);
    const once = await walk(again.url);
    const withoutIssuer = new URL(once);
    withoutIssuer.searchParams.delete('iss');
    await assert.rejects(oidc.finish(withoutIssuer, again.attempt, placeFor(), LOG), refused, 'RFC 9207');
    assert.ok(await oidc.finish(once, again.attempt, placeFor(), LOG));
    await assert.rejects(oidc.finish(once, again.attempt, placeFor(), LOG), refused, 'a code is good once');
  });

  test('what is asked of the provider: PKCE, nonce, state, a recent sign-in', async () => {
    const { servers, CALLBACK } = of();
    const { url } = await servers.identity.oidc.begin(CALLBACK);
    const asked = url.searchParams;

    assert.equal(asked.get('code_challenge_method'), 'S256');
    assert.equal(asked.get('max_age'), '300');
    for (const name of ['code_challenge', 'nonce', 'state']) assert.ok((asked.get(name) ?? '').length >= 40, name);
  });

  test('beside the provider, passwords stay what they are: who has none does not come in by one', async () => {
    const { invited, signIn, servers, LOG } = of();
    const { who } = await invited();
    await signIn(who);
    await assert.rejects(
      servers.identity.signIn.byPassword(who.email, { password: PASSWORD }, placeFor(), LOG),
      code('ACCESS_SIGN_IN_REFUSED'),
    );
  });

  test('who has no password sets up no app, whose codes would never let them in; a passkey they may', async () => {
    const { invited, servers, signIn, nothing, CALLBACK } = of();
    const { who } = await invited();
    const actor = await servers.identity.sessions.authenticate((await signIn(who)).token);
    await assert.rejects(servers.identity.factors.offerTotp(actor, nothing), code('ACCESS_PASSWORD_NEEDED'));

    const site = { id: 'strongroom.example', origin: CALLBACK.origin };
    assert.ok(await servers.identity.passkeys.offer(actor, site), 'nothing was begun that would have to be shown now');
  });

  test('the session that a browser went away with ends when it comes back signed in, and not before', async () => {
    const { servers, invited, comesAs, http, walk } = of();
    const [here, { who }] = [await servers.somebody(), await invited()];
    comesAs(who);
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
    const { http, issuer } = of();
    const answer = await http.inject({ url: '/v1/access/session/ways' });
    assert.deepEqual(answer.json(), { provider: new URL(issuer).host });
  });

  test('where there is no provider, nobody is sent anywhere', async () => {
    const { CALLBACK } = of();
    const bare = await peopleServers();
    try {
      assert.equal(bare.identity.oidc.host, null);
      await assert.rejects(bare.identity.oidc.begin(CALLBACK), code('ACCESS_OIDC_OFF'));
    } finally {
      await bare.close();
    }
  });
}
