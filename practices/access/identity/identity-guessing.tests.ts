/** Guessing: one answer to all who are not let in, and ever slower. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { code, PASSWORD, placeFor } from '../testing.ts';
import type { Identity } from './identity.ts';
import type { Running } from './identity.test.ts';

export function guessingIsSlowed(of: () => Running): void {
  test('the unknown, the disabled, the invited and a wrong password get one answer, after one hash each', async () => {
    const { somebody, identity, admin, nothing, servers, signIn } = of();
    const [known, disabled] = [await somebody(), await somebody()];
    await identity.people.disable(admin, disabled.id, 'revoke', nothing);
    await identity.people.invite(admin, { email: 'soon@example.org', name: 'Soon', roles: ['support'] }, nothing);
    const answers: string[] = [];
    const works: number[] = [];
    for (const [email, password] of [
      ['nobody@example.org', PASSWORD],
      [known.email, 'wrong violet tractor'],
      [disabled.email, PASSWORD],
      ['soon@example.org', PASSWORD],
    ] as const) {
      const begin = servers.hashed();
      await assert.rejects(signIn(email, { password }), (thrown: Error & { code: string; hint: string }) => {
        answers.push(`${thrown.code} ${thrown.message} ${thrown.hint}`);
        return true;
      });
      works.push(servers.hashed() - begin);
    }

    assert.equal(new Set(answers).size, 1, answers.join('\n'));
    assert.deepEqual(works, [1, 1, 1, 1]);
  });

  test('guessing slows down, by account whether there is one or not, on every server', async () => {
    const { somebody, signIn, identity, other, db } = of();
    const who = await somebody();
    for (const email of [who.email, 'not-there@example.org']) {
      const wrong = (server: Identity) => signIn(email, { password: 'wrong violet tractor' }, server);
      for (let n = 0; n < 5; n += 1)
        await assert.rejects(wrong(n % 2 === 0 ? identity : other), code('ACCESS_SIGN_IN_REFUSED'));
      await assert.rejects(wrong(other), (thrown: { code: string; extra: { retryAfterSeconds: number } }) => {
        assert.equal(thrown.code, 'ACCESS_SLOW_DOWN');
        return thrown.extra.retryAfterSeconds >= 1;
      });
    }
    await assert.rejects(signIn(who.email), code('ACCESS_SLOW_DOWN'), 'the right password has to wait too');
    await db`update access.sign_in_failures set opens_at = now()`;
    assert.ok(await signIn(who.email));
  });

  test('attempts at once are not all the first one', async () => {
    const { somebody, signIn } = of();
    const who = await somebody();
    const many = await Promise.allSettled(
      Array.from({ length: 30 }, () => signIn(who.email, { password: 'wrong violet tractor' })),
    );
    const codes = many.map((each) => (each.status === 'rejected' ? (each.reason as { code: string }).code : 'in'));

    assert.equal(codes.filter((each) => each === 'ACCESS_SIGN_IN_REFUSED').length, 5);
  });

  test('after a hundred failures in a row the password is shut until there is a new link', async () => {
    const { somebody, signIn, db, identity, admin, nothing } = of();
    const who = await somebody();
    await assert.rejects(signIn(who.email, { password: 'wrong violet tractor' }), code('ACCESS_SIGN_IN_REFUSED'));
    await db`update access.sign_in_failures set failures = 100, opens_at = now()`;
    await assert.rejects(signIn(who.email), code('ACCESS_SIGN_IN_REFUSED'));

    const { token } = await identity.people.reinvite(admin, who.id, 'all', nothing);
    await identity.people.accept({ token, password: PASSWORD }, placeFor(), nothing);
    assert.ok(await signIn(who.email));
  });

  test('an address that tries many accounts is slowed down', async () => {
    const { identity, LOG } = of();
    const from = { device: 'test', address: '198.51.100.7', zone: 'internet' };
    const attempt = (n: number) =>
      identity.signIn.byPassword(`guess${n}@example.org`, { password: 'wrong violet tractor' }, from, LOG);
    for (let n = 0; n < 30; n += 1) await assert.rejects(attempt(n), code('ACCESS_SIGN_IN_REFUSED'));

    await assert.rejects(attempt(31), code('ACCESS_SLOW_DOWN'));
  });
}
