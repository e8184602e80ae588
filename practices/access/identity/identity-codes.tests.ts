/** Codes of an app, and recovery codes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { code } from '../testing.ts';
import type { BegunSession } from './sessions.ts';
import type { Running } from './identity.test.ts';

const fulfilled = (results: readonly PromiseSettledResult<BegunSession>[]): BegunSession =>
  results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))[0] as BegunSession;

export function codesOpenOnce(of: () => Running): void {
  test('a code opens one session once: not again, not on another server, not for two who bring it at once', async () => {
    const { somebody, withApp, signIn, other } = of();
    const who = await somebody();
    const app = await withApp(who);
    const shown = { code: await app.codeIn(0n) };

    const both = await Promise.allSettled([signIn(who.email, shown), signIn(who.email, shown, other)]);
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    await assert.rejects(signIn(who.email, shown, other), code('ACCESS_SIGN_IN_REFUSED'));
  });

  test('of the codes, the current one and the one before are taken, in this order never backwards', async () => {
    const { somebody, withApp, db, signIn } = of();
    const who = await somebody();
    const app = await withApp(who);

    // a step that ends in the midst of the test would make the code before one of the day before yesterday
    const [{ left }] = (await db`select 30 - extract(epoch from now())::int % 30 as left`) as unknown as [
      { left: number },
    ];
    if (left < 20) await sleep((left + 1) * 1000);

    await assert.rejects(signIn(who.email, { code: await app.codeIn(1n) }), code('ACCESS_SIGN_IN_REFUSED'));
    await assert.rejects(signIn(who.email, { code: await app.codeIn(-2n) }), code('ACCESS_SIGN_IN_REFUSED'));
    assert.ok(await signIn(who.email, { code: await app.codeIn(-1n) }));
    assert.ok(await signIn(who.email, { code: await app.codeIn(0n) }));
    await assert.rejects(signIn(who.email, { code: await app.codeIn(-1n) }), code('ACCESS_SIGN_IN_REFUSED'));
  });

  test('a code stays used when the clock steps back', async () => {
    const { somebody, withApp, db, stepNow, signIn } = of();
    const who = await somebody();
    const app = await withApp(who);
    // what the database remembers, had the clock been five minutes ahead when the code was shown
    await db`update access.totp set last_step = ${(await stepNow()) + 10n} where person_id = (select person_id from access.people where email = ${who.email})`;

    await assert.rejects(signIn(who.email, { code: await app.codeIn(0n) }), code('ACCESS_SIGN_IN_REFUSED'));
  });

  test('who has a second factor does not come in by the password alone; a recovery code is good once', async () => {
    const { somebody, withApp, signIn, other, identity } = of();
    const who = await somebody();
    const { recoveryCodes } = await withApp(who);
    await assert.rejects(signIn(who.email), code('ACCESS_SECOND_FACTOR'));
    // 120 bits: what is kept of them needs neither salt nor a slow hash
    for (const each of recoveryCodes) assert.match(each, /^(?:[0-9a-z]{4}-){5}[0-9a-z]{4}$/);
    const shown = { recoveryCode: (recoveryCodes[3] as string).toUpperCase().replaceAll('-', ' ') };

    const both = await Promise.allSettled([signIn(who.email, shown), signIn(who.email, shown, other)]);
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    const { actor } = { actor: await identity.sessions.authenticate(fulfilled(both).token) };
    assert.deepEqual([actor.session?.aal, actor.session?.assurance.mfa], [2, 'fresh']);
  });
}
