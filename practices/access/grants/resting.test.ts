import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { code, PASSWORD, peopleServers, placeFor, type PeopleServers, type Somebody } from '../testing.ts';
import { createResting, type Resting } from './resting.ts';
import { createReviews } from './reviews.ts';
import { createRoleRequests, type RoleRequests } from './role-requests.ts';
import { createUsage } from './usage.ts';

let servers: PeopleServers;
let [resting, other]: Resting[] = [];
let [requests, elsewhere]: RoleRequests[] = [];
/** Owner of the roles, as shipped. */
let owner: Somebody;
before(async () => {
  servers = await peopleServers();
  const { db, audit, first, second } = servers;
  [resting, other] = [first, second].map(({ policies, rolesThat }) =>
    createResting({ db, audit, policies, rolesThat, days: 90 }),
  );
  [requests, elsewhere] = [first, second].map(({ policies, decide, notTogether }) =>
    createRoleRequests({ db, audit, policies, decide, notTogether }),
  );
  owner = await servers.somebody(['security']);
});
after(() => servers.close());

const REASON = 'the audit of March';
/** A day goes by, of which the database's clock tells. */
const day = async (server = resting): Promise<readonly unknown[]> => {
  await servers.db`update access.role_days set counted_at = counted_at - interval '1 day'`;
  return (server as Resting).daily();
};
const idle = (days: number, ...except: readonly string[]) => servers.db`
  update access.role_standing set idle_days = ${days} where role <> all (${[...except]}::text[])`;
const rolesOf = async (id: string) => {
  const person = (await servers.identity.people.list()).find((each) => each.id === id);
  return { roles: person?.roles, eligible: person?.eligibleRoles };
};
/** The owner's policies ask for a passkey a moment ago. */
const ownerNow = async () => {
  const actor = await owner.now();
  const session = { ...(actor.session as NonNullable<typeof actor.session>), mfaAgeSeconds: 10 };
  const assurance = { ...session.assurance, phishingResistant: true };
  return { actor: { ...actor, session: { ...session, assurance } } };
};
const signedIn = (email: string) =>
  servers.identity.signIn.byPassword(email, { password: PASSWORD }, placeFor(), {
    begun: () => Promise.resolve(),
    refused: () => Promise.resolve(),
  });
const rest = async (somebody: Somebody): Promise<void> => {
  await day();
  const id = (
    await servers.db<{ person_id: string }[]>`select person_id from access.people where email = ${somebody.email}`
  )[0];
  await servers.db`update access.role_standing set idle_days = 89 where person_id = ${id?.person_id as string}`;
  await day();
};

test('what was not used on 90 days rests, and its sessions end at the next read; use, of any kind, begins anew', async () => {
  const [reader, acting, away] = [
    await servers.somebody(['support']),
    await servers.somebody(['auditor']),
    await servers.somebody(['support', 'billing']),
  ];
  await day();
  await idle(88, 'security', 'admin');
  await servers.audit.append({
    action: 'vault.read', actor: { kind: 'staff', id: reader.id, role: 'support' }, purpose: 'service.support', classes: ['personal'], outcome: 'done',
    detail: { collections: ['customer'] },
  }); // prettier-ignore
  await createUsage({ ...servers, policies: servers.first.policies }).fold();
  // what is no read of a customer is told by the route that allowed it
  servers.second.acts(await acting.now());
  await servers.second.noteUses();

  assert.deepEqual(await day(), []);
  assert.equal((await day()).length, 2, 'the two roles of who was away');

  assert.deepEqual(await rolesOf(reader.id), { roles: ['support'], eligible: [] });
  assert.deepEqual(await rolesOf(acting.id), { roles: ['auditor'], eligible: [] });
  assert.deepEqual(await rolesOf(away.id), { roles: [], eligible: ['billing', 'support'] });
  await assert.rejects(away.now(), code('ACCESS_UNAUTHENTICATED'));
  const entries = await servers.logged(2);
  assert.deepEqual(
    entries.map(({ action, detail }) => [action, (detail as { person: string }).person]),
    [['access.role.rest', away.id], ['access.role.rest', away.id]],
  ); // prettier-ignore
});

test('days are counted, not told by a clock: a step of years is a day, one back is none, two servers count it once', async () => {
  const { id } = await servers.somebody(['support']);
  await day();
  const days = async (): Promise<number> =>
    Number((await servers.db`select max(idle_days) as n from access.role_standing where role = 'support'`)[0]?.n);
  await idle(10);
  await servers.db`update access.role_days set counted_at = now() - interval '9 years'`;
  await Promise.all([resting?.daily(), other?.daily(), resting?.daily(), other?.daily()]);
  assert.equal(await days(), 11);
  await servers.db`update access.role_days set counted_at = now() + interval '9 years'`;
  await Promise.all([resting?.daily(), other?.daily()]);
  assert.equal(await days(), 11);
  await day();
  assert.equal(await days(), 12, 'and goes on from there');
  assert.deepEqual(await rolesOf(id), { roles: ['support'], eligible: [] });
});

test('the last administrator stays, and who is there for emergencies', async () => {
  const [second, onCall] = [await servers.somebody(['admin']), await servers.somebody(['on-call'])];
  await day();
  await idle(89, 'security');

  await day();

  const admins = (await servers.identity.people.list()).filter(({ roles }) => roles.includes('admin'));
  assert.equal(admins.length, 1, 'one of the two');
  assert.deepEqual(await rolesOf(onCall.id), { roles: ['on-call'], eligible: [] });
  await day();
  assert.equal((await servers.identity.people.list()).filter(({ roles }) => roles.includes('admin')).length, 1);
  await servers.db`update access.people set roles = '{admin}', eligible_roles = '{}' where email = ${second.email} or email = 'ada@example.org'`;
  await servers.db`update access.sessions s set epoch = p.epoch from access.people p where p.person_id = s.person_id`;
});

test('who has no role left comes in to ask for one and may nothing else; lent, it is theirs until the time is over', async () => {
  const somebody = await servers.somebody(['support']);
  await rest(somebody);
  const comeIn = async () => {
    const begun = await servers.identity.signIn.byPassword(somebody.email, { password: PASSWORD }, placeFor(), {
      begun: () => Promise.resolve(),
      refused: () => Promise.resolve(),
    });
    return () => servers.other.sessions.authenticate(begun.token);
  };
  const now = await comeIn();
  const bare = await now();
  await servers.first.rolesThat('grants.request');
  await servers.second.rolesThat('grants.request');
  assert.equal(bare.role, '-');
  for (const action of ['records.read', 'grants.request', 'people.manage'] as const)
    assert.equal(servers.first.decide({ actor: bare, action }).allow, false);
  await assert.rejects(
    servers.other.sessions.actAs(bare, 'support', () => Promise.resolve()),
    code('ACCESS_ROLE_UNKNOWN'),
  );
  assert.deepEqual((await requests?.list(bare))?.eligible, ['support']);
  await assert.rejects(
    requests?.ask({ actor: bare }, { role: 'admin', minutes: 60, reason: REASON }) as never,
    code('ACCESS_NOT_ELIGIBLE'),
  );

  const asked = await (requests as RoleRequests).ask({ actor: bare }, { role: 'support', minutes: 60, reason: REASON });
  await assert.rejects(
    requests?.ask({ actor: bare }, { role: 'support', minutes: 60, reason: REASON }) as never,
    code('ACCESS_GRANT_STATE'),
  );
  const stranger = { actor: (await servers.by('dpo')).actor };
  await assert.rejects(requests?.decide(stranger, asked.id, 'approve') as never, code('ACCESS_GRANT_NOT_FOUND'));
  const own = { actor: { ...(await ownerNow()).actor, id: somebody.id, person: somebody.id } };
  await assert.rejects(requests?.decide(own, asked.id, 'approve') as never, code('ACCESS_OWN_REQUEST'));
  // two at once: one of them decides
  const both = await Promise.allSettled([
    (requests as RoleRequests).decide(await ownerNow(), asked.id, 'approve'),
    (elsewhere as RoleRequests).decide(await ownerNow(), asked.id, 'deny'),
  ]);
  assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
  if (both[0].status === 'rejected') {
    const again = await (requests as RoleRequests).ask(
      { actor: bare },
      { role: 'support', minutes: 60, reason: REASON },
    );
    await (requests as RoleRequests).decide(await ownerNow(), again.id, 'approve');
  }

  await servers.other.sessions.actAs(await now(), 'support', () => Promise.resolve());
  const lent = { ...(await now()), training: { effect: 'open', lacks: [] } as const };
  assert.deepEqual([lent.role, lent.session?.roles], ['support', ['support']]);
  assert.equal(servers.first.decide({ actor: lent, action: 'grants.request' }).allow, true);
  assert.deepEqual(
    await rolesOf(somebody.id),
    { roles: [], eligible: ['support'] },
    'eligible is not standing, in every list',
  );

  await servers.db`alter table access.role_requests disable trigger role_request_rules`;
  await servers.db`update access.role_requests set until = now() where state = 'lent'`;
  await servers.db`alter table access.role_requests enable trigger role_request_rules`;
  await assert.rejects(now(), code('ACCESS_UNAUTHENTICATED'));
  // a clock that steps back does not open again what has ended
  await requests?.sweep();
  await assert.rejects(servers.db`update access.role_requests set state = 'lent', until = now() + interval '1 hour'`);
});

test('given back for good by a second person, it counts from nothing; an administrator who gives other roles ends it', async () => {
  const [one, two] = [await servers.somebody(['support', 'billing']), await servers.somebody(['support'])];
  await rest(one);
  await rest(two);
  const ask = async (id: string, minutes: number | null) =>
    (requests as RoleRequests).ask(
      { actor: { ...one.actor, id, person: id } }, { role: 'support', minutes, reason: REASON },
    ); // prettier-ignore
  const good = await ask(one.id, null);

  await (requests as RoleRequests).decide(await ownerNow(), good.id, 'approve');
  assert.deepEqual(await rolesOf(one.id), { roles: ['support'], eligible: ['billing'] });
  assert.deepEqual(await day(), []);

  const waits = await ask(two.id, 60);
  await servers.identity.people.setRoles(servers.ada, two.id, ['auditor'], () => Promise.resolve());
  assert.deepEqual(await rolesOf(two.id), { roles: ['auditor'], eligible: [] });
  await assert.rejects(
    (requests as RoleRequests).decide(await ownerNow(), waits.id, 'approve'),
    code('ACCESS_NOT_ELIGIBLE'),
  );
  const mine = await (requests as RoleRequests).list({ ...one.actor, id: two.id, person: two.id });
  assert.deepEqual([mine.eligible, mine.requests.map(({ state }) => state)], [[], ['pending']]);
  assert.equal(
    (await (requests as RoleRequests).end({ actor: { ...one.actor, id: two.id, person: two.id } }, waits.id)).state,
    'ended',
  );
});

test('what a review takes, a role that rests meanwhile, is neither lent any more nor to be asked for', async () => {
  const { db, audit, first, other: there } = servers;
  const reviews = createReviews({
    db,
    clock: () => new Date(),
    audit,
    policies: first.policies,
    rolesThat: first.rolesThat,
  });
  const somebody = await servers.somebody(['marketing']);
  const review = await reviews.begin(await ownerNow(), 'marketing', 60);
  await rest(somebody);
  const by = { actor: { ...somebody.actor, id: somebody.id, person: somebody.id } };
  const ask = () => (requests as RoleRequests).ask(by, { role: 'marketing', minutes: 60, reason: REASON });
  await (requests as RoleRequests).decide(await ownerNow(), (await ask()).id, 'approve');
  const begun = await signedIn(somebody.email);
  await servers.identity.sessions.actAs(await there.sessions.authenticate(begun.token), 'marketing', () =>
    Promise.resolve(),
  );

  await reviews.decide(await ownerNow(), review.id, [somebody.id], 'remove', 'left the team');

  await assert.rejects(there.sessions.authenticate(begun.token), code('ACCESS_UNAUTHENTICATED'));
  assert.deepEqual(await rolesOf(somebody.id), { roles: [], eligible: [] });
  await assert.rejects(ask(), code('ACCESS_NOT_ELIGIBLE'));
});

test('a role that is lent counts as its holder’s: no key of what is kept apart from it is made, and no such role lent', async () => {
  const somebody = await servers.somebody(['support', 'admin']);
  await rest(somebody);
  await servers.db`update access.people set roles = '{admin}', eligible_roles = '{support}' where email = ${somebody.email}`;
  const actor = await servers.identity.sessions.authenticate((await signedIn(somebody.email)).token);
  const by = { actor };
  const asked = await (requests as RoleRequests).ask(by, { role: 'support', minutes: 60, reason: REASON });
  await (requests as RoleRequests).decide(await ownerNow(), asked.id, 'approve');

  await assert.rejects(servers.first.createKey(actor, { name: 'x', role: 'custodian' }, () => Promise.resolve()), code('ACCESS_SEPARATED')); // prettier-ignore

  await servers.db`update access.people set eligible_roles = '{support,custodian}' where email = ${somebody.email}`;
  const other = await (requests as RoleRequests).ask(by, { role: 'custodian', minutes: 60, reason: REASON });
  await assert.rejects((requests as RoleRequests).decide(await ownerNow(), other.id, 'approve'), code('ACCESS_SEPARATED')); // prettier-ignore
});

test('who answers for a role for a time gives a review of it no more time', async () => {
  const { db, audit, first, identity } = servers;
  const needs = { db, clock: () => new Date(), audit, policies: first.policies, rolesThat: first.rolesThat };
  const reviews = createReviews(needs);
  const somebody = await servers.somebody(['dpo']);
  const { id } = await reviews.begin(await ownerNow(), 'billing', 60);
  await db`update access.people set eligible_roles = '{security}' where email = ${somebody.email}`;
  const actor = await identity.sessions.authenticate((await signedIn(somebody.email)).token);
  const asked = await (requests as RoleRequests).ask({ actor }, { role: 'security', minutes: 60, reason: REASON });
  await (requests as RoleRequests).decide(await ownerNow(), asked.id, 'approve');

  await assert.rejects(reviews.extend({ actor }, id, 60, REASON), code('ACCESS_NOT_APPROVER'));
});

test('duties that are kept apart are not lent together', async () => {
  const somebody = await servers.somebody(['support', 'billing']);
  await rest(somebody);
  await servers.db`update access.people set roles = '{custodian}' where email = ${somebody.email}`;
  const by = { actor: { ...somebody.actor, id: somebody.id, person: somebody.id } };
  const { id } = await (requests as RoleRequests).ask(by, { role: 'support', minutes: 60, reason: REASON });
  await assert.rejects((requests as RoleRequests).decide(await ownerNow(), id, 'approve'), code('ACCESS_SEPARATED'));
});
