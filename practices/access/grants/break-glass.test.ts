import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { asking, aSubject, code, personIn, seen, twoServers, type Servers } from '../testing.ts';
import type { GlassAsk } from './break-glass.ts';

let servers: Servers;
before(async () => void (servers = await twoServers()));
after(() => servers.close());

const emergency = (subject: string, more: Partial<GlassAsk> = {}): GlassAsk => ({
  ...asking(subject),
  incident: 'INC-7',
  reason: 'the hotel is on fire',
  ...more,
});
const person = async (role: string) => ({ actor: await (await personIn(servers, role)).again() });
/** As it is 73 hours later: only a superuser can turn the rules off. */
async function later(hours: number): Promise<void> {
  await servers.db.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update access.grants set activated_at = activated_at - make_interval(hours => ${hours}), until = until - make_interval(hours => ${hours}) where kind = 'breakGlass'`;
  });
}

test('a person on call sees the named customer at once; an alarm is in the log and was raised; others stay masked', async () => {
  const { glass } = servers.first;
  const person = await personIn(servers, 'on-call');
  const [subject, other] = [aSubject(), aSubject()];
  const by = { actor: await person.again(), requestId: 'test' };
  servers.alarms.length = 0;

  const broken = await glass.break(by, emergency(subject.text));

  assert.deepEqual([broken.state, broken.incident], ['activated', 'INC-7']);
  assert.deepEqual(servers.alarms, [broken.id]);
  const [entry] = await servers.logged(1);
  const detail = entry?.detail as Record<string, unknown>;
  assert.deepEqual(
    [entry?.action, detail.alarm, detail.incident, detail.grant],
    ['access.grant.break-glass', true, 'INC-7', broken.id],
  );
  const now = await person.again();
  assert.equal(seen(servers, servers.first, now, subject.id).state, 'clear');
  assert.ok(seen(servers, servers.first, now, subject.id).decision.policies.includes('on-call-glass'));
  assert.equal(seen(servers, servers.first, now, other.id).state, 'masked', 'an unrelated customer');
  assert.equal(await servers.second.grants.spend(new Map([[broken.id, 3]])), true);
  assert.equal(seen(servers, servers.first, await person.again(), subject.id).state, 'masked', 'used up');
});

test('the policy asks for a passkey used a moment ago, and a key cannot break glass, whatever it says it is', async () => {
  const ask = (actor: Parameters<Servers['first']['decide']>[0]['actor']) =>
    servers.first.decide({ actor, action: 'grants.breakGlass' });
  const passkey = await (await personIn(servers, 'on-call')).again();
  const password = await (await personIn(servers, 'on-call', 'password')).again();
  const { actor: key } = await servers.by('on-call');

  assert.equal(ask(passkey).allow, true);
  assert.deepEqual(ask(password).policies, ['grants-strong']);
  assert.equal(ask(key).allow, false);
  assert.equal(ask({ ...key, kind: 'staff' }).allow, false);
  const { text } = aSubject();
  await assert.rejects(servers.first.glass.break({ actor: key }, emergency(text)), code('ACCESS_SESSION_NEEDED'));
  await assert.rejects(
    servers.first.glass.break({ actor: { ...key, kind: 'staff' } }, emergency(text)),
    code('ACCESS_SESSION_NEEDED'),
  );
});

test('at most 60 minutes, never special data, never without incident or reason, and only on call', async () => {
  const by = { actor: await (await personIn(servers, 'on-call')).again() };
  const { text } = aSubject();
  const refused = (more: Partial<GlassAsk>, why: string, who = by) =>
    assert.rejects(servers.first.glass.break(who, emergency(text, more)), code(why));

  await refused({ seconds: 3601 }, 'ACCESS_NOT_ELIGIBLE');
  await refused({ classes: ['special'] }, 'ACCESS_NOT_ELIGIBLE');
  await refused({ incident: ' ' }, 'ACCESS_REQUEST_INVALID');
  await refused({ reason: ' ' }, 'ACCESS_REQUEST_INVALID');
  await refused({}, 'ACCESS_NOT_ELIGIBLE', { actor: await (await personIn(servers, 'support')).again() });
});

test('looked at by another person, once it has ended, and once; the database refuses the same person too', async () => {
  const { glass, grants } = servers.first;
  const by = { actor: await (await personIn(servers, 'on-call')).again() };
  const [dpo, support] = [await person('dpo'), await person('support')];
  const { id } = await glass.break(by, emergency(aSubject().text));

  await assert.rejects(glass.review(dpo, id, 'justified', 'seen'), code('ACCESS_GRANT_STATE'));
  await grants.revoke(by, id, 'over');
  await assert.rejects(glass.review(by, id, 'justified', 'mine'), code('ACCESS_OWN_REQUEST'));
  await assert.rejects(glass.review(support, id, 'justified', 'not mine'), code('ACCESS_GRANT_NOT_FOUND'));
  await assert.rejects(glass.review(await servers.by('dpo'), id, 'justified', 'a key'), code('ACCESS_PERSON_NEEDED'));
  await assert.rejects(
    servers.db`insert into access.glass_reviews (grant_id, requested_by, scope_hash, reviewer, verdict, note)
      select grant_id, requested_by, scope_hash, requested_by, 'justified', '' from access.grants where kind = 'breakGlass'`,
    /check constraint/,
  );
  await glass.review(dpo, id, 'unjustified', 'there was no fire');
  await assert.rejects(glass.review(await person('security'), id, 'justified', ''), code('ACCESS_GRANT_STATE'));
  const [found] = await glass.list(dpo.actor);
  assert.deepEqual([found?.id, found?.review.verdict, found?.review.reviewer], [id, 'unjustified', dpo.actor.id]);
  await assert.rejects(servers.db`delete from access.glass_reviews`, /kept for ever/);
});

test('not looked at within 72 hours: no glass, no request, no activation, until somebody has; no job is needed', async () => {
  const { glass, grants } = servers.first;
  await servers.change((document) => ({
    ...document,
    roles: { ...document.roles, 'on-call': { ...document.roles['on-call'], grants: { ...document.roles['on-call']?.grants, jit: document.roles.support?.grants?.jit } } as never }, // prettier-ignore
  }));
  const by = { actor: await (await personIn(servers, 'on-call')).again() };
  const dpo = await person('dpo');
  const { id } = await glass.break(by, emergency(aSubject().text));
  await grants.revoke(by, id, 'over');
  const asked = await grants.request(by, asking(aSubject().text));
  await grants.approve(dpo, asked.id, asked.scopeHash);
  await later(71);
  assert.equal((await grants.request(by, asking(aSubject().text))).state, 'pending', 'after 71 hours');

  await later(2);

  await assert.rejects(glass.break(by, emergency(aSubject().text)), code('ACCESS_SUSPENDED'));
  await assert.rejects(servers.second.grants.request(by, asking(aSubject().text)), code('ACCESS_SUSPENDED'));
  await assert.rejects(grants.activate(by, asked.id), code('ACCESS_SUSPENDED'));
  assert.equal((await glass.list(dpo.actor)).find((each) => each.id === id)?.review.overdue, true);
  await glass.review(dpo, id, 'justified', 'there was a fire');
  assert.equal((await grants.activate(by, asked.id)).state, 'activated');
});
