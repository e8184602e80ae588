/** When a session ends, when it does not, and the one role that it has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { code, type Somebody } from '../testing.ts';
import type { BegunSession } from './sessions.ts';
import type { Running } from './identity.test.ts';

export function sessionsEnd(of: () => Running): void {
  test('a session is over at the very next read of another server: logout, removed role, disabled, a new link', async () => {
    const { other, identity, nothing, admin, db, somebody } = of();
    const lives = (begun: BegunSession) =>
      other.sessions.authenticate(begun.token).then(
        () => true,
        (thrown: { code: string }) => {
          assert.equal(thrown.code, 'ACCESS_UNAUTHENTICATED');
          return false;
        },
      );
    const ends: Record<string, (who: Somebody) => Promise<unknown>> = {
      logout: ({ id, begun }) => identity.sessions.end(id, begun.id, nothing),
      'removed role': ({ id }) => identity.people.setRoles(admin, id, ['billing'], nothing),
      disabled: ({ id }) => identity.people.disable(admin, id, 'revoke', nothing),
      // what was ended does not come back with what was given back
      'a role more': ({ id }) => identity.people.setRoles(admin, id, ['support', 'billing', 'analyst'], nothing),
      'disabled and let in again': async ({ id }) => {
        await identity.people.disable(admin, id, 'revoke', nothing);
        await identity.people.enable(admin, id, nothing);
      },
      'new link': ({ id }) => identity.people.reinvite(admin, id, 'all', nothing),
      idle: () => db`update access.sessions set seen_at = now() - interval '15 minutes 1 second'`,
      'twelve hours': () => db`update access.sessions set expires_at = now()`,
      'clock stepped back': () => db`update access.sessions set seen_at = now() + interval '10 minutes'`,
    };
    for (const [name, end] of Object.entries(ends)) {
      const who = await somebody(['support', 'billing']);
      assert.equal(await lives(who.begun), true, name);
      await end(who);
      assert.equal(await lives(who.begun), false, name);
      await assert.rejects(other.sessions.renew(who.actor), code('ACCESS_UNAUTHENTICATED'), name);
    }
  });

  test("somebody's session is not ended by another, nor opened by a token that is nearly right", async () => {
    const { somebody, identity, nothing } = of();
    const [one, two] = [await somebody(), await somebody()];
    await assert.rejects(identity.sessions.end(two.id, one.begun.id, nothing), code('ACCESS_SESSION_NOT_FOUND'));
    const near = `${one.begun.token.slice(0, -1)}${one.begun.token.endsWith('0') ? '1' : '0'}`;
    for (const token of [near, '', 'srs_', undefined, one.begun.token.replace('srs_', 'srk_')])
      await assert.rejects(identity.sessions.authenticate(token), code('ACCESS_UNAUTHENTICATED'));

    assert.ok(await identity.sessions.authenticate(one.begun.token));
  });

  test('use keeps a session alive beyond the idle time', async () => {
    const { somebody, db, identity } = of();
    const who = await somebody();
    for (let n = 0; n < 3; n += 1) {
      await db`update access.sessions set seen_at = now() - interval '14 minutes'`;
      assert.ok(await identity.sessions.authenticate(who.begun.token));
    }
  });

  test('one role is active at a time, and it is one of the person', async () => {
    const { somebody, identity, access, nothing } = of();
    const { actor, begun } = await somebody(['support', 'billing']);
    const now = () => identity.sessions.authenticate(begun.token);
    const trained = async () => ({ ...(await now()), training: { effect: 'open', lacks: [] } as const });
    const may = async (purpose: string) =>
      access.decide({ actor: await trained(), action: 'records.read', purpose }).allow;
    assert.deepEqual([await may('service.support'), await may('service.billing')], [true, true]);

    await identity.sessions.actAs(actor, 'billing', nothing);

    assert.deepEqual([await may('service.support'), await may('service.billing')], [false, true]);
    await assert.rejects(identity.sessions.actAs(actor, 'dpo', nothing), code('ACCESS_ROLE_UNKNOWN'));
  });
}
