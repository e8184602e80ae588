/** What the log has of it, and that nobody but administrators manages people. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PASSWORD } from './testing.ts';
import type { Running } from './identity.test.ts';

export function boundsHold(of: () => Running): void {
  test('all of it is in the log, and no address, password, token or code', async () => {
    const { somebody, call, ada, logged } = of();
    const who = await somebody();
    await call('POST', '/v1/access/session', { body: { email: who.email, password: 'wrong violet tractor' } });
    await call('POST', '/v1/access/session', { body: { email: 'nobody@example.org', password: PASSWORD } });
    await call('PUT', `/v1/access/people/${who.id}/roles`, { cookie: ada, body: { roles: ['billing'] } });
    await call('POST', `/v1/access/people/${who.id}/disable`, { cookie: ada, body: {} });
    const self = await call('POST', `/v1/access/people/${(await logged(1))[0]?.actor.id}/disable`, {
      cookie: ada,
      body: {},
    });
    assert.deepEqual([self.status, self.body.code], [403, 'ACCESS_SELF_CHANGE']);
    const entries = (await logged(30)).filter(({ action }) => !/^(access\.factor|education)\./.test(action)).slice(-7);

    assert.deepEqual(
      entries.map(({ action, outcome, detail }) => [action, outcome, detail.code ?? null]),
      [
        ['access.person.invite', 'done', null],
        ['access.session.begin', 'done', null],
        ['access.session.begin', 'denied', 'ACCESS_SIGN_IN_REFUSED'],
        ['access.session.begin', 'denied', 'ACCESS_SIGN_IN_REFUSED'],
        ['access.person.roles', 'done', null],
        ['access.person.disable', 'done', null],
        ['access.person.disable', 'denied', 'ACCESS_SELF_CHANGE'],
      ],
    );
    assert.deepEqual([entries[2]?.actor.id, entries[3]?.actor.id], [who.id, 'unknown']);
    assert.doesNotMatch(JSON.stringify(await logged(1000)), /example\.org|tractor|sr[skl]_/);
  });

  test('who is not an administrator manages nobody; a key has no session', async () => {
    const { somebody, call, adminKey } = of();
    const who = await somebody();
    for (const [method, path, body] of [
      ['GET', '/v1/access/people'],
      ['POST', '/v1/access/people', { email: 'x@example.org', name: 'X', roles: ['support'] }],
      ['POST', `/v1/access/people/${who.id}/link`, { kind: 'all', identifiedBy: 'video' }],
      ['GET', `/v1/access/people/${who.id}/sessions`],
    ] as const)
      assert.equal(
        (await call(method, path, { cookie: who.cookie, ...(body === undefined ? {} : { body }) })).status,
        403,
        path,
      );
    for (const [method, path] of [
      ['GET', '/v1/access/session'],
      ['GET', '/v1/access/sessions'],
      ['GET', '/v1/access/factors'],
      ['DELETE', '/v1/access/session'],
    ] as const) {
      const answer = await call(method, path, { headers: { authorization: `Bearer ${adminKey}` } });
      assert.deepEqual([answer.status, answer.body.code], [403, 'ACCESS_SESSION_NEEDED'], path);
    }
  });
}
