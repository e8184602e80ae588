/** What follows from a case: a new proof, and what is held back on every server. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { parseSubjectId } from '#platform/ids';

import { comeIn, PASSWORD, type Json } from './testing.ts';
import type { Running } from './traffic.test.ts';

export function casesAreAnswered(of: () => Running): void {
  test('step-up: sessions of whom a case is about go on, and prove anew before the next sensitive thing, on every server', async () => {
    const { two, customer, security, until, caseAbout, keys } = of();
    const link = (await readFile(join(two.home, 'first-administrator.link'), 'utf8')).trim();
    const first = await comeIn(two, link, { email: 'ada@example.org', name: 'Ada' });
    const { body: asked } = await two.call('POST', '/v1/access/people', { cookie: first.cookie, body: { email: 'eve@example.org', name: 'Eve', roles: ['support'] } });
    const eve = await comeIn(two, asked.token);
    const sensitive = (cookie: string, server = 0) => two.call('POST', '/v1/access/factors/recovery-codes', { cookie, server });
    const { id, subjectId } = await customer();
    await security('POST', 'honey', { subjectId, note: 'nobody calls about her' });
    await until('the second server knows', async () => two.systems[1].traffic.honey.isHoney(parseSubjectId(subjectId) as never));
    assert.equal((await two.call('GET', `/v1/vault/records/${id}`, { cookie: eve.cookie, purpose: 'service.support', server: 1 })).status, 200);
    const found = await caseAbout(`actor ${asked.id}`);
    const { body: whole } = await security('GET', `cases/${found.id}`);
    assert.ok(whole.actions.includes('step-up'));
    const fresh = await sensitive(eve.cookie, 1);
    assert.equal(fresh.status, 200, 'what she has shown is of now');

    const acted = await security('POST', `cases/${found.id}/act`, { action: 'step-up', seconds: 60, reason: 'is it her?' });

    assert.equal(acted.status, 200, JSON.stringify(acted.body));
    for (const server of [0, 1]) {
      const refused = await sensitive(eve.cookie, server);
      assert.deepEqual([refused.status, refused.body.code], [401, 'ACCESS_STEP_UP']);
      assert.match(refused.headers.get('www-authenticate') ?? '', /insufficient_user_authentication/);
      const session = await two.call('GET', '/v1/access/session', { cookie: eve.cookie, server });
      assert.deepEqual([session.status, session.body.mfa], [200, 'stale'], 'it goes on');
    }
    assert.equal((await sensitive(first.cookie)).status, 200, 'nobody else is asked');
    const [entry] = (await two.entriesOf('access.session.prove-anew')).slice(-1);
    assert.deepEqual([entry?.actor.id, entry?.detail.person, entry?.detail.case, entry?.detail.sessions], [keys.security.id, asked.id, found.id, 1]);
    assert.ok(acted.body.steps.some(({ kind, note }: Json) => kind === 'action' && note.startsWith('step-up')));
    const again = await two.call('POST', '/v1/access/session/step-up', { cookie: eve.cookie, body: { password: PASSWORD, recoveryCode: fresh.body.recoveryCodes[0] } });
    assert.equal(again.status, 204, JSON.stringify(again.body));
    assert.equal((await sensitive(again.cookie, 1)).status, 200, 'who it is, is seen');
    // nobody lets go on what is held back of their own, by whichever of it they ask
    const { body: own } = await two.call('POST', '/v1/access/keys', { cookie: first.cookie, body: { name: 'of ada', role: 'admin' } });
    const { body: held } = await security('POST', 'measures', { kind: 'throttle', target: own.id, seconds: 600, reason: 'x' });
    assert.equal((await two.call('DELETE', `/v1/traffic/measures/${held.id}`, { cookie: first.cookie })).body.code, 'TRAFFIC_OWN_CASE');
    assert.equal((await security('DELETE', `measures/${held.id}`)).status, 204);
    // a key has no session to prove anything in
    const { body: other } = await security('GET', `cases?state=all&about=${encodeURIComponent(`key ${keys.application.id}`)}`);
    for (const { id: ofKey, entity } of other.cases as Json[])
      if (entity.actor === undefined) assert.equal((await security('POST', `cases/${ofKey}/act`, { action: 'step-up', seconds: 60, reason: 'x' })).body.code, 'TRAFFIC_ACTION_UNFIT');
  }); // prettier-ignore

  test('nobody who runs the system is shut out, what is held back is held back on every server, and lets go', async () => {
    const { security, customer, two, until, read } = of();
    for (const target of ['127.0.0.1', '127.0.0.0/24', '::1', '::ffff:127.0.0.1'])
      assert.equal((await security('POST', 'measures', { kind: 'block-address', target, seconds: 600, reason: 'x' })).body.code, 'TRAFFIC_PROTECTED_ADDRESS', target);
    for (const [target, code] of [['203.0.0.0/16', 'TRAFFIC_NETWORK_TOO_WIDE'], ['nonsense', 'TRAFFIC_TARGET_MALFORMED'], ['0.0.0.0/0', 'TRAFFIC_NETWORK_TOO_WIDE']])
      assert.equal((await security('POST', 'measures', { kind: 'block-address', target, seconds: 600, reason: 'x' })).body.code, code, target);
    const { id } = await customer();
    const slow = await two.newKey('application');
    const made = await security('POST', 'measures', { kind: 'throttle', target: slow.id, seconds: 600, reason: 'reads too much' });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    await until('the other server holds it back', async () => (await read(id, slow.key, 1)).status === 429);
    const answered = await read(id, slow.key, 1);
    assert.deepEqual([answered.body.code, answered.headers.get('retry-after')], ['TRAFFIC_HELD_BACK', '2']);
    assert.equal((await read(id)).status, 200, 'nobody else');
    assert.equal((await security('DELETE', `measures/${made.body.id}`)).status, 204);
    await until('it lets go', async () => (await read(id, slow.key, 1)).status === 200);
    // a blocked address is sent away before it is asked who it is
    const { measures } = two.systems[0].traffic;
    const by = { actor: { kind: 'staff', id: 'per_1' }, address: '' } as const;
    const blocked = await measures.take(by, { kind: 'block-address', target: '203.0.113.0/24', seconds: 600, reason: 'scans', caseId: null });
    assert.throws(() => measures.atDoor('203.0.113.77'), { code: 'TRAFFIC_BLOCKED' });
    assert.throws(() => measures.atDoor('::ffff:203.0.113.77'), { code: 'TRAFFIC_BLOCKED' });
    measures.atDoor('203.0.114.1');
    await measures.end(by, blocked.id);
    measures.atDoor('203.0.113.77');
    await assert.rejects(measures.take({ ...by, address: '198.51.100.7' }, { kind: 'block-address', target: '198.51.100.0/24', seconds: 60, reason: 'x', caseId: null }), { code: 'TRAFFIC_PROTECTED_ADDRESS' });
  }); // prettier-ignore
}
