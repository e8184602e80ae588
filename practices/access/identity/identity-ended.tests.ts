/** What was under way when somebody's access ended does not outlive it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Actor } from '../decide.ts';
import { asking, aSubject, code, meanwhile, PASSWORD, placeFor } from '../testing.ts';
import { codeAt } from './totp.ts';
import type { Running } from './identity.test.ts';

const gone = code('ACCESS_UNAUTHENTICATED');
const NEXT = 'another violet tractor';

export function nothingOutlives(of: () => Running): void {
  test('a change of factors that was under way when a new link took them all changes nothing', async () => {
    const { somebody, withApp, identity, admin, nothing, db, signIn } = of();
    const ways: Record<string, (actor: Actor) => Promise<unknown>> = {
      password: (actor) => identity.factors.changePassword(actor, { password: NEXT, old: PASSWORD }, placeFor(), nothing),
      'recovery codes': (actor) => identity.factors.newRecoveryCodes(actor, nothing),
      'an app': (actor) => identity.factors.offerTotp(actor, nothing),
    }; // prettier-ignore
    for (const [name, change] of Object.entries(ways)) {
      const who = await somebody();
      const actor = name === 'an app' ? who.actor : await (await withApp(who)).now();
      const [{ token }, theirs] = await meanwhile(
        db,
        (log) => identity.people.reinvite(admin, who.id, 'all', log),
        () => change(actor),
      );

      await assert.rejects(theirs, gone, name);
      await assert.rejects(signIn(who.email, { password: NEXT }), code('ACCESS_SIGN_IN_REFUSED'), name);
      const begun = await identity.people.accept({ token, password: 'yet another tractor' }, placeFor(), nothing);
      who.renewed(begun.token);
      assert.deepEqual(await identity.factors.view(await who.now()), { password: true, totp: false, passkeys: 0, recoveryCodes: 0 }, name); // prettier-ignore
    }
  });

  test('a code of an app that another one takes the place of at this moment confirms neither', async () => {
    const { somebody, identity, nothing, db, stepNow, fromBase32 } = of();
    const who = await somebody();
    const { secret } = await identity.factors.offerTotp(who.actor, nothing);
    const code_ = codeAt(fromBase32(secret), await stepNow());

    const [, theirs] = await meanwhile(
      db,
      (log) => identity.factors.offerTotp(who.actor, log),
      () => identity.factors.confirmTotp(who.actor, code_, nothing),
    );

    await assert.rejects(theirs, code('ACCESS_CODE_WRONG'));
    assert.equal((await identity.factors.view(await who.now())).totp, false);
  });

  test('a change of factors that was under way when its session was ended changes nothing', async () => {
    const { somebody, signIn, identity, nothing, db } = of();
    const who = await somebody();
    const elsewhere = await identity.sessions.authenticate((await signIn(who.email)).token);
    const change = (actor: Actor, password: string, log: () => Promise<void> = nothing) =>
      identity.factors.changePassword(actor, { password, old: PASSWORD }, placeFor(), log);

    const [, theirs] = await meanwhile(db, (log) => change(who.actor, NEXT, log), () => change(elsewhere, 'yet another tractor')); // prettier-ignore

    await assert.rejects(theirs, gone);
    await assert.rejects(signIn(who.email, { password: 'yet another tractor' }), code('ACCESS_SIGN_IN_REFUSED'));
    assert.ok(await signIn(who.email, { password: NEXT }));
  });

  test('who signs in by a password just as it is changed does not come in by it', async () => {
    const { somebody, signIn, identity, db } = of();
    const who = await somebody();

    const [, thief] = await meanwhile(
      db,
      (log) => identity.factors.changePassword(who.actor, { password: NEXT, old: PASSWORD }, placeFor(), log),
      () => signIn(who.email),
    );

    await assert.rejects(thief, code('ACCESS_SIGN_IN_REFUSED'));
    assert.equal((await identity.sessions.list(who.id)).length, 1);
  });

  test('who is disabled leaves no key, workload, person or role behind that they were just about to make', async () => {
    const { somebody, access, identity, admin, nothing, db } = of();
    const other = await somebody();
    const bob = { email: 'bob@example.org', name: 'Bob', roles: ['admin'] };
    const workload = { name: 'w', issuer: 'https://ci.example', subject: 'late', audience: 'x', jwksUrl: 'https://ci.example/keys', role: 'application' };
    const old = await access.createKey(admin, { name: 'old', role: 'application' }, nothing);
    const ways: Record<string, (by: Actor) => Promise<unknown>> = {
      key: (by) => access.createKey(by, { name: 'late', role: 'application' }, nothing),
      'rotated key': (by) => access.rotateKey(by, old.id, 1, nothing),
      workload: (by) => identity.workloads.trust(by, workload, nothing),
      person: (by) => identity.people.invite(by, bob, nothing),
      role: (by) => identity.people.setRoles(by, other.id, ['admin'], nothing),
    };
    for (const [name, make] of Object.entries(ways)) {
      const who = await somebody(['admin']);
      const [, theirs] = await meanwhile(db, (log) => identity.people.disable(admin, who.id, 'revoke', log), () => make(who.actor));
      await assert.rejects(theirs, gone, name);
    }
    assert.deepEqual((await access.listKeys()).filter(({ id, name, revokedAt }) => name === 'late' || (name === 'old' && id !== old.id && revokedAt === null)), []);
    assert.ok((await identity.people.list()).every(({ email }) => email !== bob.email));
  }); // prettier-ignore

  test('who is disabled approves nothing that they were just about to approve', async () => {
    const { somebody, access, identity, admin, nothing, db } = of();
    const { key } = await access.createKey(admin, { name: 'asks', role: 'support' }, nothing);
    const by = { actor: await access.authenticate(key) };
    const { document } = await access.policies.get('active');
    const more = { ...document.policies, more: 'forbid (principal in Role::"support", action == Action::"records.read", resource);' };
    const { version } = await access.policies.propose(admin, { ...document, policies: more }, 'a test', nothing);
    const asked = await access.grants.request(by, asking(aSubject().text));
    const ways: Record<string, (by: Actor) => Promise<unknown>> = {
      grant: (actor) => access.grants.approve({ actor }, asked.id, asked.scopeHash),
      policies: (actor) => access.policies.approve(actor, version.id, version.hash, nothing),
    };
    for (const [name, approve] of Object.entries(ways)) {
      const who = await somebody(['dpo']);
      const [, theirs] = await meanwhile(db, (log) => identity.people.disable(admin, who.id, 'revoke', log), () => approve(who.actor));
      await assert.rejects(theirs, gone, name);
    }
    assert.equal((await access.grants.get(by.actor, asked.id)).state, 'pending');
    assert.equal((await access.policies.get(version.id)).state, 'validated');
  }); // prettier-ignore

  test('who is disabled makes no policies hold that they were just about to', async () => {
    const { somebody, access, identity, admin, nothing, db } = of();
    const { document } = await access.policies.get('active');
    const policies = { ...document.policies, late: 'forbid (principal in Role::"support", action == Action::"records.read", resource);' };
    const { version } = await access.policies.propose(admin, { ...document, policies }, 'a test', nothing);
    await access.policies.approve((await somebody(['dpo'])).actor, version.id, version.hash, nothing);
    const who = await somebody(['admin']);

    const [, theirs] = await meanwhile(db, (log) => identity.people.disable(admin, who.id, 'revoke', log), () => access.policies.activate(who.actor, version.id, nothing));

    await assert.rejects(theirs, gone);
    assert.equal((await access.policies.get(version.id)).state, 'approved');
  }); // prettier-ignore

  test('a key that is revoked makes no other one that it was just about to make', async () => {
    const { access, admin, nothing, db } = of();
    const made = await access.createKey(admin, { name: 'leaked', role: 'admin' }, nothing);
    const thief = await access.authenticate(made.key);

    const [, theirs] = await meanwhile(
      db,
      (log) => access.revokeKey(made.id, log),
      () => access.createKey(thief, { name: 'thief', role: 'admin' }, nothing),
    );

    await assert.rejects(theirs, gone);
  });
}
