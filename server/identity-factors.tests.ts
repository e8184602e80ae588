/** What a second factor opens, where one is asked for anew, and passkeys of a site. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PASSWORD, setUpApp, type CameIn, type Json } from './testing.ts';
import type { Running } from './identity.test.ts';

export function factorsAreAskedFor(of: () => Running): void {
  test('a policy that wants a fresh second factor is answered by a challenge, and a step-up opens it', async () => {
    const { policiesBecome, somebody, fresh, call, adminKey } = of();
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
    const { invited, call, adminKey, fresh, logged, two } = of();
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
    const { policiesBecome, somebody, call } = of();
    // so that being on call is all they are
    await policiesBecome((policies) => delete policies['support-ask']);
    const [onCall, support] = [await somebody(['on-call']), await somebody(['support'])];
    const look = async ({ cookie }: CameIn, path: string) =>
      (await call('GET', `/v1/access/${path}`, { cookie })).status;
    for (const path of ['break-glass', 'eligibility', 'requests'])
      assert.deepEqual([await look(onCall, path), await look(support, path)], [200, 403], path);
  });

  test('a passkey belongs to the name of the site; where it has none there are no passkeys', async () => {
    const { call, urls, logged } = of();
    const bare = await call('POST', '/v1/access/session/passkey/options');
    assert.deepEqual([bare.status, bare.body.code], [409, 'ACCESS_PASSKEYS_OFF']);

    const url = `http://localhost:${new URL(urls[0]).port}/v1/access/session/passkey`;
    const options = await fetch(`${url}/options`, { method: 'POST' });
    const asked = (await options.json()) as Json;
    assert.deepEqual(
      [asked.rpId, asked.userVerification, asked.allowCredentials],
      ['localhost', 'required', undefined],
    );
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
    const { call, adminKey, policiesBecome, somebody, fresh, logged } = of();
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
}
