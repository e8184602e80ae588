/** Changing a password or a second factor, and which passwords are taken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Actor } from '../decide.ts';
import { code, PASSWORD, placeFor } from '../testing.ts';
import { createChoice } from './password-choice.ts';
import type { Running } from './identity.test.ts';

export function factorsChange(of: () => Running): void {
  const change = (actor: Actor, password: string, old: string | undefined = PASSWORD): Promise<void> =>
    of().identity.factors.changePassword(actor, { password, old }, placeFor(), of().nothing);

  test('changing factors needs a full authentication of the last minutes, which a step-up is', async () => {
    const { somebody, withApp, db, identity, nothing } = of();
    const who = await somebody();
    const app = await withApp(who);
    const { now } = app;
    await db`update access.sessions set auth_time = now() - interval '6 minutes', mfa_at = now() - interval '6 minutes'`;
    await assert.rejects(
      async () => identity.factors.removeTotp(await now(), nothing),
      (thrown: { code: string; extra: { maxAgeSeconds: number } }) =>
        thrown.code === 'ACCESS_STEP_UP' && thrown.extra.maxAgeSeconds === 300,
    );
    const again = async (shown: object) =>
      identity.signIn.again(await now(), { password: PASSWORD, ...shown }, placeFor(), nothing, nothing);
    await assert.rejects(again({}), code('ACCESS_SECOND_FACTOR'));
    await assert.rejects(again({ code: '000000' }), code('ACCESS_SIGN_IN_REFUSED'));

    const token = await again({ code: await app.codeIn(0n) });
    const after = () => identity.sessions.authenticate(token);

    assert.equal((await after()).session?.mfaAgeSeconds, 0);
    await identity.factors.removeTotp(await after(), nothing);
    // what is left opens nothing but setting up another one
    assert.equal((await after()).session?.mfaAgeSeconds, null);
    // a password of 8 characters would not do alone
    await assert.rejects(async () => change(await after(), 'zo7ni?ka'), code('ACCESS_PASSWORD_WEAK'));
  });

  test('a short password needs a second factor, and keeps it', async () => {
    const { somebody, withApp, identity, nothing } = of();
    const who = await somebody();
    const { now } = await withApp(who);
    await change(await now(), 'zo7ni?ka');

    await assert.rejects(async () => identity.factors.removeTotp(await now(), nothing), code('ACCESS_PASSWORD_WEAK'));
  });

  test('changing a factor ends the other sessions', async () => {
    const { somebody, signIn, identity } = of();
    const who = await somebody();
    const elsewhere = await signIn(who.email);
    await change(who.actor, 'another violet tractor');

    await assert.rejects(identity.sessions.authenticate(elsewhere.token), code('ACCESS_UNAUTHENTICATED'));
    assert.ok(await identity.sessions.authenticate(who.begun.token));
    await assert.rejects(signIn(who.email), code('ACCESS_SIGN_IN_REFUSED'));
  });

  test('passwords are judged by length and by what is guessed first, not by composition', async () => {
    const { somebody } = of();
    const who = await somebody();
    let old = PASSWORD;
    const choose = async (password: string) => {
      await change(who.actor, password, old);
      old = password;
    };
    for (const weak of [
      'short but fine',
      'aaaaaaaaaaaaaaaaaaaa',
      'password password',
      'p1@example.org some body',
      'x'.repeat(257),
    ])
      await assert.rejects(choose(weak), code('ACCESS_PASSWORD_WEAK'), weak);

    await choose('nur kleine buchstaben');
    await choose('ein sehr langer satz '.repeat(12));
  });

  test('common and leaked passwords are refused, also beside a second factor, whatever is put around them', async () => {
    const { somebody, withApp } = of();
    const who = await somebody();
    const { now } = await withApp(who);
    for (const weak of ['jordan23', 'Michelle', '!!Michelle2024!!', 'metallica', 'Metallica#1', 'strongroom jordan23'])
      await assert.rejects(async () => change(await now(), weak), code('ACCESS_PASSWORD_WEAK'), weak);
    const leaky = createChoice({ isLeaked: (text) => Promise.resolve(text === 'seven grey herons') });
    await assert.rejects(leaky('seven grey herons', [], 'alone'), code('ACCESS_PASSWORD_WEAK'));
    await leaky('seven grey herons.', [], 'alone');
  });

  test('a change asks for the password of now in the very request, and guessing it is slowed', async () => {
    const { somebody, identity, nothing, db } = of();
    const who = await somebody();
    const wrong = code('ACCESS_PASSWORD_WRONG');
    for (const old of [
      undefined,
      'wrong violet tractor',
      PASSWORD.toUpperCase(),
      `${PASSWORD} `,
      PASSWORD.slice(0, -1),
    ])
      await assert.rejects(
        identity.factors.changePassword(who.actor, { password: 'another violet tractor', old }, placeFor(), nothing),
        wrong,
      );
    await assert.rejects(change(who.actor, 'another violet tractor', 'wrong violet tractor'), wrong);
    await assert.rejects(change(who.actor, 'another violet tractor'), code('ACCESS_SLOW_DOWN'));
    await db`update access.sign_in_failures set opens_at = now()`;
    await change(who.actor, 'another violet tractor');

    // who has no password shows a passkey in the same minutes
    const other_ = await somebody();
    await db`update access.people set password = null where email = ${other_.email}`;
    await assert.rejects(change(await other_.now(), 'another violet tractor'), code('ACCESS_STEP_UP'));
    await db`update access.sessions set phishing_resistant = true, mfa_at = now() where session_id in (select session_id from access.sessions join access.people using (person_id) where email = ${other_.email})`;
    await change(await other_.now(), 'another violet tractor');
  });

  test('the form of a password is normalised, and nothing else of it is changed', async () => {
    const { somebody, signIn } = of();
    const who = await somebody();
    await change(who.actor, 'Zoë fährt nach Åre, ﬁnal');
    const opens = (password: string) =>
      signIn(who.email, { password }).then(
        () => true,
        () => false,
      );
    const typed = ['Zoë fährt nach Åre, ﬁnal'.normalize('NFD'), 'Zoë fährt nach Åre, final'];
    assert.deepEqual([await opens(typed[0] as string), await opens(typed[1] as string)], [true, true]);
    for (const near of ['zoë fährt nach Åre, final', 'Zoe fährt nach Åre, final', 'Zoë fährt nach Åre, final '])
      assert.equal(await opens(near), false, near);
  });
}
