import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';

import { publicId, uuidv7 } from '#platform/ids';

import type { PolicyDocument, Role } from '../policy-document.ts';
import type { By } from './grant-event.ts';
import { activeGrant, asking, aSubject, code, seen, twoServers, type Servers } from '../testing.ts';

let servers: Servers;
before(async () => void (servers = await twoServers()));
after(() => servers.close());

const roleOf = ({ roles }: PolicyDocument, name: string): Role => roles[name] as Role;
const settled = (results: readonly PromiseSettledResult<unknown>[]) => ({
  done: results.filter(({ status }) => status === 'fulfilled').length,
  why: results.flatMap((each) => (each.status === 'rejected' ? ((each.reason as { code?: string }).code ?? '?') : [])),
});
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
  const id = await activeGrant(servers, by, asking(subject.text, { seconds: 1 }));
  servers.setClock(-3_600_000);
  try {
    assert.equal(seen(servers, servers.second, await again(), subject.id).state, 'clear');
    await sleep(1100);

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

test('nobody approves what they asked for; the database refuses it too', async () => {
  await servers.change((document) => ({
    ...document,
    roles: {
      ...document.roles,
      dpo: { ...roleOf(document, 'dpo'), grants: document.roles.support?.grants } as never,
    },
    policies: {
      ...document.policies,
      'dpo-ask': `permit (principal in Role::"dpo", action == Action::"grants.request", resource) when { context.purpose == Purpose::"-" };`,
    },
  }));
  const dpo = await servers.by('dpo');
  const { id, scopeHash } = await servers.first.grants.request(dpo, asking(aSubject().text));

  await assert.rejects(servers.first.grants.approve(dpo, id, scopeHash), code('ACCESS_OWN_REQUEST'));
  await assert.rejects(
    servers.db`insert into access.grant_approvals (grant_id, requested_by, scope_hash, approver, role)
      select grant_id, requested_by, scope_hash, requested_by, 'dpo' from access.grants where state = 'pending'`,
    /check constraint/,
  );
  await assert.rejects(
    servers.db`insert into access.grant_approvals (grant_id, requested_by, scope_hash, approver, role)
      select grant_id, 'somebody', scope_hash, requested_by, 'dpo' from access.grants where state = 'pending'`,
    /foreign key/,
  );
  await assert.rejects(
    servers.db`update access.grants set state = 'approved' where state = 'pending'`,
    /approvals are not enough/,
  );
});

test('a person does not approve what a key of theirs asked for', async () => {
  const { by } = await supporter();
  const { actor: dpo } = await servers.by('dpo');
  const mine = { ...by, actor: { ...by.actor, person: 'per_ada' } };
  const { id, scopeHash } = await servers.first.grants.request(mine, asking(aSubject().text));

  await assert.rejects(
    servers.first.grants.approve({ actor: { ...dpo, person: 'per_ada' } }, id, scopeHash),
    code('ACCESS_OWN_REQUEST'),
  );
});

test('two who approve for each other are refused: history separates duties too', async () => {
  const [one, two, security] = [await servers.by('dpo'), await servers.by('dpo'), await servers.by('security')];
  const { grants } = servers.first;
  const asked = await grants.request(one, asking(aSubject().text));
  await grants.approve(two, asked.id, asked.scopeHash);
  const back = await grants.request(two, asking(aSubject().text));

  await assert.rejects(grants.approve(one, back.id, back.scopeHash), code('ACCESS_SEPARATED'));
  assert.equal((await grants.approve(security, back.id, back.scopeHash)).state, 'approved');
});

test('an approval holds for the scope that was looked at, in one request, and by no other hash', async () => {
  const { grants } = servers.first;
  const { by } = await supporter();
  const subject = aSubject();
  const dpo = await servers.by('dpo');
  const small = await grants.request(by, asking(subject.text, { reads: 1 }));
  const large = await grants.request(by, asking(subject.text, { reads: 50 }));
  const same = await grants.request(by, asking(subject.text, { reads: 1 }));

  await assert.rejects(grants.approve(dpo, large.id, small.scopeHash), code('ACCESS_GRANT_CHANGED'));
  await assert.rejects(grants.approve(dpo, same.id, small.scopeHash), code('ACCESS_GRANT_CHANGED'));
  await grants.approve(dpo, small.id, small.scopeHash);
  await assert.rejects(grants.approve(dpo, small.id, small.scopeHash), code('ACCESS_GRANT_STATE'));
  await assert.rejects(grants.activate(by, large.id), code('ACCESS_GRANT_STATE'));
  await assert.rejects(
    servers.db`update access.grants set scope = replace(scope, 'personal', 'sensitive'), scope_hash = sha256(convert_to(replace(scope, 'personal', 'sensitive'), 'UTF8'))`,
    /does not change/,
  );
});

test('of two approvals at once one decides; of an approval and a denial too', async () => {
  const { first, second } = servers;
  const { by } = await supporter();
  const [one, two] = [await servers.by('dpo'), await servers.by('security')];
  const asked = await first.grants.request(by, asking(aSubject().text));
  const other = await first.grants.request(by, asking(aSubject().text));

  const approvals = await Promise.allSettled([
    first.grants.approve(one, asked.id, asked.scopeHash),
    second.grants.approve(two, asked.id, asked.scopeHash),
  ]);
  const either = await Promise.allSettled([
    first.grants.approve(one, other.id, other.scopeHash),
    second.grants.deny(two, other.id, 'no need'),
  ]);

  assert.deepEqual(settled(approvals), { done: 1, why: ['ACCESS_GRANT_STATE'] });
  assert.deepEqual(settled(either), { done: 1, why: ['ACCESS_GRANT_STATE'] });
  assert.equal((await first.grants.get(by.actor, asked.id)).approvals.length, 1);
});

test('of two activations at once one starts the clock, and only its holder can', async () => {
  const { first, second } = servers;
  const { by } = await supporter();
  const { by: stranger } = await supporter();
  const asked = await first.grants.request(by, asking(aSubject().text));
  await first.grants.approve(await servers.by('dpo'), asked.id, asked.scopeHash);

  await assert.rejects(second.grants.activate(stranger, asked.id), code('ACCESS_GRANT_NOT_FOUND'));
  const both = await Promise.allSettled([first.grants.activate(by, asked.id), second.grants.activate(by, asked.id)]);

  assert.deepEqual(settled(both), { done: 1, why: ['ACCESS_GRANT_STATE'] });
});

test('what is not there, not an id, and not mine is refused alike: ids cannot be told apart by text', async () => {
  const { grants } = servers.first;
  const { by } = await supporter();
  const { by: stranger } = await supporter();
  const { by: marketer } = { by: await servers.by('marketing') };
  const { id, scopeHash } = await grants.request(by, asking(aSubject().text));
  const told = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (thrown: Error & { code?: string; hint?: string }) => `${thrown.code} ${thrown.message} ${thrown.hint}`,
    );

  const answers = [];
  for (const actor of [stranger, marketer])
    for (const which of [id, publicId('grt', uuidv7()), 'grt_nonsense', 'key_1'])
      answers.push(
        await told(grants.get(actor.actor, which)),
        await told(grants.approve(actor, which, scopeHash)),
        await told(grants.deny(actor, which, '')),
        await told(grants.activate(actor, which)),
        await told(grants.cancel(actor, which)),
        await told(grants.revoke(actor, which, '')),
      );

  assert.equal(new Set(answers).size, 1, [...new Set(answers)].join('\n'));
  assert.match(answers[0] as string, /^ACCESS_GRANT_NOT_FOUND/);
  assert.deepEqual(await grants.list(stranger.actor, { states: null }), []);
});

test('a role asks for what it is eligible for and for nothing beyond', async () => {
  const { grants } = servers.first;
  const { by } = await supporter();
  const { text } = aSubject();
  const refused = (ask: Parameters<typeof asking>[1], why: string, actor = by) =>
    assert.rejects(grants.request(actor, asking(text, ask)), code(why));

  await refused({ classes: ['special'] }, 'ACCESS_NOT_ELIGIBLE');
  await refused({ purpose: 'marketing' }, 'ACCESS_NOT_ELIGIBLE');
  await refused({ seconds: 3601 }, 'ACCESS_NOT_ELIGIBLE');
  await refused({ reads: 51 }, 'ACCESS_NOT_ELIGIBLE');
  await refused({}, 'ACCESS_NOT_ELIGIBLE', await servers.by('marketing'));
  await refused({ purpose: 'nowhere' }, 'ACCESS_REQUEST_INVALID');
  await refused({ subjects: [] }, 'ACCESS_REQUEST_INVALID');
  await refused({ subjects: ['rec_1'] }, 'ACCESS_REQUEST_INVALID');
  await refused({ classes: [] }, 'ACCESS_REQUEST_INVALID');
  await refused({ reads: 0 }, 'ACCESS_REQUEST_INVALID');
  await refused({ reason: ' ' }, 'ACCESS_REQUEST_INVALID');
});

test('special data needs two approvers, one of them the dpo; the database holds it too', async () => {
  await servers.change((document) => {
    const eligible = { clearUpTo: 'special', purposes: ['service'], maxMinutes: 60, maxReads: 5, approvers: ['dpo', 'security'], needed: 2 } as const; // prettier-ignore
    return {
      ...document,
      roles: {
        ...document.roles,
        support: { ...roleOf(document, 'support'), grants: { jit: eligible } },
      },
      policies: {
        ...document.policies,
        'support-jit': (document.policies['support-jit'] as string).replace('sensitive', 'special'),
      },
    };
  });
  const { grants } = servers.first;
  const { by } = await supporter();
  const [one, two, dpo] = [await servers.by('security'), await servers.by('security'), await servers.by('dpo')];
  const asked = await grants.request(by, asking(aSubject().text, { classes: ['special'] }));

  assert.equal((await grants.approve(one, asked.id, asked.scopeHash)).state, 'pending');
  await assert.rejects(grants.approve(one, asked.id, asked.scopeHash), code('ACCESS_GRANT_STATE'));
  assert.equal((await grants.approve(two, asked.id, asked.scopeHash)).state, 'pending', 'two, and no dpo');
  await assert.rejects(
    servers.db`update access.grants set state = 'approved' where state = 'pending' and scope like '%special%'`,
    /not enough/,
  );
  assert.equal((await grants.approve(dpo, asked.id, asked.scopeHash)).state, 'approved');
  assert.equal((await grants.activate(by, asked.id)).state, 'activated');
});

test('an extension is a new request that names the old one, of the same holder', async () => {
  const { grants } = servers.first;
  const { by } = await supporter();
  const { by: stranger } = await supporter();
  const subject = aSubject();
  const { id: first } = await grants.request(by, asking(subject.text));

  const next = await grants.request(by, asking(subject.text, { extends: first }));

  assert.deepEqual([next.extends, next.state], [first, 'pending']);
  await assert.rejects(
    grants.request(stranger, asking(subject.text, { extends: first })),
    code('ACCESS_GRANT_NOT_FOUND'),
  );
});

test('history is kept for ever: each state with who and when, neither changed nor deleted', async () => {
  const { grants } = servers.first;
  const { by } = await supporter();
  const asked = await grants.request(by, asking(aSubject().text));
  await grants.cancel(by, asked.id);

  const { history } = await grants.get(by.actor, asked.id);
  assert.deepEqual(
    history.map(({ state, by: who }) => [state, who]),
    [
      ['pending', by.actor.id],
      ['cancelled', by.actor.id],
    ],
  );
  for (const table of ['grants', 'grant_history', 'grant_approvals']) {
    await assert.rejects(servers.db.unsafe(`delete from access.${table}`), /kept for ever/);
    await assert.rejects(servers.db.unsafe(`truncate access.${table} cascade`), /kept for ever/);
  }
  await assert.rejects(servers.db`update access.grant_history set by = 'nobody'`, /kept for ever/);
  await assert.rejects(servers.db`update access.grants set reads_used = 0 where reads_used > 0`, /does not change/);
});

test('a step whose log entry cannot be written does not happen', async () => {
  const { by } = await supporter();
  await servers.db`alter table audit.entries rename to gone`;
  try {
    await assert.rejects(servers.first.grants.request(by, asking(aSubject().text)));
  } finally {
    await servers.db`alter table audit.gone rename to entries`;
  }

  assert.deepEqual(await servers.first.grants.list(by.actor, { states: null }), []);
});

test('a grant ends with the eligibility: once the role may not ask for it any more, it shows nothing', async () => {
  const { by, again } = await supporter();
  const subject = aSubject();
  const { grants } = servers.first;
  const asked = await grants.request(by, asking(subject.text));
  for (const role of ['dpo', 'security']) await grants.approve(await servers.by(role), asked.id, asked.scopeHash);
  await grants.activate(by, asked.id);
  assert.equal(seen(servers, servers.second, await again(), subject.id).state, 'clear');

  await servers.change((document) => {
    const { grants: _, ...support } = roleOf(document, 'support');
    return { ...document, roles: { ...document.roles, support } };
  });

  assert.equal(seen(servers, servers.second, await again(), subject.id).state, 'masked');
});
