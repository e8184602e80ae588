/** Several sessions of one person. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parsePublicId, type Uuid } from '#platform/ids';

import type { Actor } from '../decide.ts';
import { code, PASSWORD, placeFor } from '../testing.ts';
import type { BegunSession } from './sessions.ts';
import { PASSWORD_ONLY } from './assurance.ts';
import { tokenHash } from './token.ts';
import type { Running } from './identity.test.ts';

export function sessionsAreMany(of: () => Running): void {
  test('a person has so many sessions at once; the one that was idle longest ends, also for many that begin at once', async () => {
    const { somebody, identity, db, signIn, other } = of();
    const who = await somebody();
    const lives = async (begun: BegunSession) =>
      identity.sessions.authenticate(begun.token).then(
        () => true,
        () => false,
      );
    await db`update access.sessions set seen_at = now() - interval '5 minutes' where session_id in (select session_id from access.sessions join access.people using (person_id) where email = ${who.email})`;
    const four = [await signIn(who.email), await signIn(who.email), await signIn(who.email), await signIn(who.email)];
    assert.deepEqual([await lives(who.begun), four.flatMap(({ ended }) => ended)], [true, []]);
    await db`update access.sessions set seen_at = now() - interval '1 minute' where seen_at > now() - interval '1 second' and hash <> ${tokenHash('srs', who.begun.token) as Buffer}`;
    await db`update access.sessions set seen_at = now() - interval '5 minutes' where hash = ${tokenHash('srs', who.begun.token) as Buffer}`;

    const fifth = await signIn(who.email);

    assert.deepEqual(fifth.ended, [who.begun.id]);
    assert.deepEqual([await lives(who.begun), await lives(fifth)], [false, true]);
    // past the slowing of sign-ins, which would let few of them through
    const personId = parsePublicId('per', who.id) as Uuid;
    const many = await Promise.all(
      Array.from({ length: 12 }, (_, n) => {
        const { sessions } = n % 2 === 0 ? identity : other;
        return db.begin((tx) => sessions.begin(tx, { personId, role: 'support' }, PASSWORD_ONLY, placeFor()));
      }),
    );
    assert.equal((await identity.sessions.list(who.id)).length, 5);
    assert.equal(
      (await Promise.all([...four, fifth, ...(many as BegunSession[])].map(lives))).filter(Boolean).length,
      5,
    );
  });

  test('each authentication has a token of its own: a step-up, and a sign-in where somebody was signed in', async () => {
    const { somebody, identity, nothing, LOG } = of();
    const who = await somebody();
    const again = (actor: Actor) => identity.signIn.again(actor, { password: PASSWORD }, placeFor(), nothing, nothing);
    const actor = await who.now();

    const both = await Promise.allSettled([again(actor), again(actor), again(actor)]);

    // of several at once, one: else the page would hold a token that another one took the place of
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected', 'rejected']);
    await assert.rejects(who.now(), code('ACCESS_UNAUTHENTICATED'));
    who.renewed(both.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))[0] as string);
    assert.equal((await who.now()).session?.id, actor.session?.id);
    // what began under the token before goes on: it is the same session
    assert.equal((await identity.sessions.renew(actor)).id, who.id);

    const [one, two] = [await somebody(), await somebody()];
    const place = { ...placeFor(), before: one.begun.token };
    await assert.rejects(identity.signIn.byPassword(two.email, { password: 'wrong tractor' }, place, LOG));
    assert.ok(await one.now(), 'who does not come in ends nothing');
    const begun = await identity.signIn.byPassword(two.email, { password: PASSWORD }, place, LOG);
    assert.deepEqual(begun.ended, [one.begun.id]);
    await assert.rejects(one.now(), code('ACCESS_UNAUTHENTICATED'));
    assert.ok(await two.now(), 'in another browser');
  });

  test('who ends another one of their sessions has shown a factor in the last minutes', async () => {
    const { somebody, signIn, db, identity, nothing } = of();
    const who = await somebody();
    const elsewhere = await signIn(who.email);
    await db`update access.sessions set auth_time = now() - interval '301 seconds'`;
    const { endOwn, endOthers } = identity.sessions;
    await assert.rejects(async () => endOwn(await who.now(), elsewhere.id, nothing), code('ACCESS_STEP_UP'));
    await assert.rejects(async () => endOthers(await who.now(), nothing), code('ACCESS_STEP_UP'));
    assert.ok(await identity.sessions.authenticate(elsewhere.token));

    who.renewed(await identity.signIn.again(await who.now(), { password: PASSWORD }, placeFor(), nothing, nothing));

    await endOwn(await who.now(), elsewhere.id, nothing);
    await assert.rejects(identity.sessions.authenticate(elsewhere.token), code('ACCESS_UNAUTHENTICATED'));
    // one's own needs none
    await db`update access.sessions set auth_time = now() - interval '301 seconds'`;
    await endOwn(await who.now(), who.begun.id, nothing);
  });
}
