import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';

import type { PolicyDocument, Role } from '../policy-document.ts';
import type { By } from './grant-event.ts';
import { activeGrant, asking, aSubject, seen, twoServers, type Servers } from '../testing.ts';
import { othersApprove } from './grants-approved.tests.ts';
import { grantsAreBounded } from './grants-kept.tests.ts';

let servers: Servers;
before(async () => void (servers = await twoServers()));
after(() => servers.close());

const roleOf = ({ roles }: PolicyDocument, name: string): Role => roles[name] as Role;

/** A support key that can be looked up again and again. */
async function supporter(): Promise<{ by: By; again: (server?: 'first' | 'second') => Promise<By['actor']> }> {
  const { key } = await servers.keyOf('support');
  return {
    by: { actor: await servers.first.authenticate(key), requestId: 'test' },
    again: (server = 'second') => servers[server].authenticate(key),
  };
}

test('a grant shows what was asked for, of whom, for what and no more, and each step is in the log', async () => {
  const { grants } = servers.first;
  const { by, again } = await supporter();
  const [subject, other] = [aSubject(), aSubject()];
  const dpo = await servers.by('dpo');

  const asked = await grants.request(by, asking(subject.text));
  assert.equal(seen(servers, servers.second, await again(), subject.id).state, 'masked');
  const approved = await grants.approve(dpo, asked.id, asked.scopeHash);
  assert.equal(seen(servers, servers.second, await again(), subject.id).state, 'masked');
  const active = await grants.activate(by, asked.id);

  assert.deepEqual([asked.state, approved.state, active.state], ['pending', 'approved', 'activated']);
  const actor = await again();
  const { state, decision } = seen(servers, servers.second, actor, subject.id);
  assert.equal(state, 'clear');
  assert.deepEqual(decision.grantIds, [asked.id]);
  assert.ok(decision.policies.includes('support-jit'));
  assert.equal(seen(servers, servers.second, actor, other.id).state, 'masked', 'another customer');
  assert.equal(seen(servers, servers.second, actor, subject.id, 'last_name', 'service.delivery').state, 'masked');
  const sensitive = servers.customer.attachments;
  assert.ok(sensitive !== null && sensitive.class === 'sensitive');
  assert.equal(decision.field(sensitive), 'masked', 'a class that was not asked for');
  assert.deepEqual(
    (await servers.logged(3)).map(({ action }) => action),
    ['access.grant.request', 'access.grant.approve', 'access.grant.activate'],
  );
});

test('what the role sees anyway spends no grant, and a search never does', async () => {
  const { by, again } = await supporter();
  const subject = aSubject();
  await activeGrant(servers, by, asking(subject.text, { classes: ['internal', 'personal'] }));
  const actor = await again();

  const internal = seen(servers, servers.second, actor, subject.id, 'company');
  const search = servers.second.decide({
    actor,
    action: 'records.search',
    purpose: 'service.support',
    collection: servers.customer,
    subject: subject.id,
  });

  assert.deepEqual([internal.state, internal.decision.grantIds], ['clear', []]);
  assert.equal(search.field(servers.customer.fields.get('last_name') as never), 'masked');
});

test('a revoked grant is gone at the very next read on the other server, and for who was looked up before', async () => {
  const { by, again } = await supporter();
  const subject = aSubject();
  const id = await activeGrant(servers, by, asking(subject.text));
  const before = await again();
  assert.equal(seen(servers, servers.second, before, subject.id).state, 'clear');

  await servers.first.grants.revoke(await servers.by('security'), id, 'done');

  assert.equal(seen(servers, servers.second, await again(), subject.id).state, 'masked');
  assert.equal(await servers.second.grants.spend(new Map([[id, 1]])), false);
});

test('a grant ends by the clock of the database: setting back the clock of a server brings none back', async () => {
  const { by, again } = await supporter();
  const subject = aSubject();
  const id = await activeGrant(servers, by, asking(subject.text, { seconds: 5 }));
  servers.setClock(-3_600_000);
  try {
    assert.equal(seen(servers, servers.second, await again(), subject.id).state, 'clear');
    await sleep(5100);

    assert.equal(seen(servers, servers.second, await again(), subject.id).state, 'masked');
    assert.equal(await servers.second.grants.spend(new Map([[id, 1]])), false);
    assert.equal((await servers.second.grants.get(by.actor, id)).state, 'expired');
    // once said, it holds: no statement makes it active again
    assert.ok((await servers.second.grants.sweep()) >= 1);
    await assert.rejects(
      servers.db`update access.grants set state = 'activated' where state = 'expired'`,
      /does not become/,
    );
    await assert.rejects(
      servers.db`update access.grants set until = until + interval '1 day' where until is not null`,
      /does not change/,
    );
  } finally {
    servers.setClock(0);
  }
});

test('of many who read at once, as many get through as were granted, and the grant is then used up everywhere', async () => {
  const { by, again } = await supporter();
  const subject = aSubject();
  const id = await activeGrant(servers, by, asking(subject.text, { reads: 5 }));

  const tries = await Promise.all(
    Array.from({ length: 24 }, (_, n) => servers[n % 2 === 0 ? 'first' : 'second'].grants.spend(new Map([[id, 1]]))),
  );

  assert.equal(tries.filter(Boolean).length, 5);
  const { state, readsUsed } = await servers.first.grants.get(by.actor, id);
  assert.deepEqual([state, readsUsed], ['used-up', 5]);
  assert.equal(seen(servers, servers.second, await again(), subject.id).state, 'masked');
  assert.ok((await servers.logged(30)).some(({ action }) => action === 'access.grant.used-up'));
});

test('a read of more records than are left is not counted, nor refused with a fault', async () => {
  const { by } = await supporter();
  const id = await activeGrant(servers, by, asking(aSubject().text, { reads: 3 }));
  const spend = (count: number) => servers.second.grants.spend(new Map([[id, count]]));

  assert.deepEqual([await spend(2), await spend(2), await spend(1), await spend(1)], [true, false, true, false]);
  // what was counted still stands for the rest of its transfer
  assert.equal(await spend(0), true);
});

test('a read that needs two grants counts on both or on none', async () => {
  const { by } = await supporter();
  const [one, two] = [aSubject(), aSubject()];
  const [whole, gone] = [
    await activeGrant(servers, by, asking(one.text)),
    await activeGrant(servers, by, asking(two.text)),
  ];
  await servers.first.grants.revoke(by, gone, 'done');

  const spent = await servers.second.grants.spend(
    new Map([
      [whole, 1],
      [gone, 1],
    ]),
  );

  assert.equal(spent, false);
  assert.equal((await servers.first.grants.get(by.actor, whole)).readsUsed, 0);
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({ servers, roleOf, supporter });
export type Running = ReturnType<typeof running>;

othersApprove(running);
grantsAreBounded(running);
