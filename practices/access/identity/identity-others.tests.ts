/** What one person may do to another one’s account, and not to their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Actor } from '../decide.ts';
import { code, PASSWORD, placeFor } from '../testing.ts';
import type { Running } from './identity.test.ts';

export function othersDecide(of: () => Running): void {
  test('a new link for the password alone leaves the second factor, and asks for it', async () => {
    const { somebody, withApp, identity, admin, nothing, signIn } = of();
    const who = await somebody();
    const app = await withApp(who);
    const { token } = await identity.people.reinvite(admin, who.id, 'password', nothing);
    await assert.rejects(app.now(), code('ACCESS_UNAUTHENTICATED'), 'sessions end');
    await assert.rejects(signIn(who.email, { code: await app.codeIn(0n) }), code('ACCESS_SIGN_IN_REFUSED'));

    const begun = await identity.people.accept({ token, password: 'another violet tractor' }, placeFor(), nothing);

    // by the link alone: a session that opens nothing, and in which no other factor is set up
    who.renewed(begun.token);
    assert.equal((await who.now()).session?.mfaAgeSeconds, null);
    await assert.rejects(async () => identity.factors.offerTotp(await who.now(), nothing), code('ACCESS_STEP_UP'));
    await assert.rejects(
      async () => identity.factors.newRecoveryCodes(await who.now(), nothing),
      code('ACCESS_STEP_UP'),
    );
    await assert.rejects(async () => identity.factors.removeTotp(await who.now(), nothing), code('ACCESS_STEP_UP'));
    const shown = { password: 'another violet tractor' };
    await assert.rejects(signIn(who.email, shown), code('ACCESS_SECOND_FACTOR'));
    assert.ok(await signIn(who.email, { ...shown, code: await app.codeIn(0n) }));
    assert.ok(await signIn(who.email, { ...shown, recoveryCode: app.recoveryCodes[0] }));
    await assert.rejects(
      identity.people.accept({ token, password: PASSWORD }, placeFor(), nothing),
      code('ACCESS_LINK_REFUSED'),
    );
    // of two links, the newer one; and none once somebody is disabled
    const older = await identity.people.reinvite(admin, who.id, 'all', nothing);
    const newer = await identity.people.reinvite(admin, who.id, 'password', nothing);
    await assert.rejects(
      identity.people.accept({ token: older.token, password: PASSWORD }, placeFor(), nothing),
      code('ACCESS_LINK_REFUSED'),
    );
    await identity.people.disable(admin, who.id, 'revoke', nothing);
    await assert.rejects(
      identity.people.accept({ token: newer.token, password: PASSWORD }, placeFor(), nothing),
      code('ACCESS_LINK_REFUSED'),
    );
  });

  test('who is enabled again keeps the second factor, also while there is no password', async () => {
    const { somebody, withApp, identity, admin, nothing } = of();
    const who = await somebody();
    await withApp(who);
    await identity.people.reinvite(admin, who.id, 'password', nothing);
    await identity.people.disable(admin, who.id, 'revoke', nothing);
    await identity.people.enable(admin, who.id, nothing);

    const { token } = await identity.people.reinvite(admin, who.id, 'password', nothing);

    await identity.people.accept({ token, password: 'another violet tractor' }, placeFor(), nothing);
    const person = (await identity.people.list()).find(({ id }) => id === who.id);
    assert.deepEqual([person?.state, person?.totp], ['active', true]);
  });

  test('nobody changes their own roles, nor disables or re-invites themselves', async () => {
    const { admin, identity, nothing } = of();
    const { id } = admin;
    await assert.rejects(identity.people.setRoles(admin, id, ['admin', 'dpo'], nothing), code('ACCESS_SELF_CHANGE'));
    await assert.rejects(identity.people.disable(admin, id, 'keep', nothing), code('ACCESS_SELF_CHANGE'));
    await assert.rejects(identity.people.reinvite(admin, id, 'all', nothing), code('ACCESS_SELF_CHANGE'));
    await assert.rejects(
      identity.people.invite(admin, { email: 'x@example.org', name: 'X', roles: ['emperor'] }, nothing),
      code('ACCESS_ROLE_UNKNOWN'),
    );
  });

  test('a disabled person does not come back by key or by an old link', async () => {
    const { somebody, access, nothing, identity, admin } = of();
    const who = await somebody(['admin']);
    const { key } = await access.createKey(who.actor, { name: 'script', role: 'support' }, nothing);
    const kept = await access.createKey(who.actor, { name: 'service', role: 'application' }, nothing);
    assert.equal((await access.authenticate(key)).person, who.id);
    const { token } = await identity.people.reinvite(admin, who.id, 'all', nothing);

    assert.deepEqual(
      await identity.people.disable(admin, who.id, 'keep', nothing).then((keys) => keys.includes(kept.id)),
      true,
    );
    assert.deepEqual(await identity.people.disable(admin, who.id, 'revoke', nothing), []);

    await assert.rejects(access.authenticate(key), code('ACCESS_UNAUTHENTICATED'));
    await assert.rejects(
      identity.people.accept({ token, password: PASSWORD }, placeFor(), nothing),
      code('ACCESS_LINK_REFUSED'),
    );
  });

  test('who proposes policies does not approve them by a key, nor by a key of a key', async () => {
    const { access, admin, nothing, db, somebody } = of();
    const { document } = await access.policies.get('active');
    const policies = {
      ...document.policies,
      extra: 'forbid (principal in Role::"support", action == Action::"records.read", resource);',
    };
    const { version } = await access.policies.propose(admin, { ...document, policies }, 'a test', nothing);
    const made = await access.createKey(admin, { name: 'second admin', role: 'admin' }, nothing);
    const grandchild = await access.createKey(
      await access.authenticate(made.key),
      { name: 'dpo', role: 'dpo' },
      nothing,
    );
    const approve = (by: Actor) => access.policies.approve(by, version.id, version.hash, nothing);

    assert.equal(version.proposedBy, admin.id);
    await assert.rejects(async () => approve(await access.authenticate(grandchild.key)), code('ACCESS_SELF_APPROVAL'));
    // nobody stands behind the key of the first start
    let first = '';
    await db`delete from access.keys where kind = 'staff'`;
    await access.firstAdministrator(async (key) => void (first = key));
    await assert.rejects(async () => approve(await access.authenticate(first)), code('ACCESS_PERSON_NEEDED'));

    const dpo = await somebody(['dpo']);
    assert.equal((await approve(dpo.actor)).approvedBy, dpo.id);
  });

  test('a change whose log entry cannot be written does not happen', async () => {
    const { somebody, db, identity, admin } = of();
    const who = await somebody();
    const gone = () => Promise.reject(new Error('the log is gone'));
    const { n: before } = (await db<{ n: number }[]>`select count(*)::int as n from access.sessions`)[0] as {
      n: number;
    };

    await assert.rejects(signInWith(who.email, gone), /the log is gone/);
    await assert.rejects(identity.people.disable(admin, who.id, 'revoke', gone), /the log is gone/);

    assert.equal((await db<{ n: number }[]>`select count(*)::int as n from access.sessions`)[0]?.n, before);
    assert.ok(await identity.sessions.authenticate(who.begun.token));
  });

  const signInWith = (email: string, begun: () => Promise<never>) =>
    of().identity.signIn.byPassword(email, { password: PASSWORD }, placeFor(), { begun, refused: of().nothing });
}
