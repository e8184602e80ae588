import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { migrate } from '#platform/db';
import { newSubjectId, subjectIdText } from '#platform/ids';
import { createMail, mailSealing, type Mail } from '#platform/mail';

import type { Actor } from '../decide.ts';
import { createUsage } from '../grants/usage.ts';
import { createReviews } from '../grants/reviews.ts';
import { asking, aSubject, code, personIn, twoServers, type Servers } from '../testing.ts';
import { createNotices, type Notices, type NoticesNeeds } from './notices.ts';

let servers: Servers;
let mail: Mail;
let notices: Notices;
let other: Notices;
let needs: NoticesNeeds;
let dpo: Actor;
let security: Actor;
before(async () => {
  servers = await twoServers();
  const { db, audit, first } = servers;
  await migrate(db, [{ schema: 'mail', folder: new URL('../../../platform/mail/sql/', import.meta.url) }]);
  mail = createMail({
    db,
    sealing: mailSealing(createSecretKey(randomBytes(32))),
    send: null,
    from: { name: '', address: 'room@example.org' },
    perMinute: 100,
  });
  needs = {
    db,
    audit,
    mail,
    policies: first.policies,
    usage: createUsage({ db, audit, policies: first.policies }),
    rolesThat: first.rolesThat,
    origin: 'https://room.example.org',
  };
  [notices, other] = [createNotices(needs), createNotices({ ...needs, policies: servers.second.policies })];
  await servers.audit.append({ action: 'access.grant.request', actor: { kind: 'system', id: 'old' }, outcome: 'done' });
  await notices.begin();
  dpo = await (await personIn(servers, 'dpo')).again();
  security = await (await personIn(servers, 'security')).again();
});
after(() => servers.close());

const told = async (who: Actor) => (await notices.list(who)).notices;
const held = async () =>
  Promise.all(
    (await mail.list()).map(async ({ id, urgent, kind }) => ({ urgent, kind, ...(await mail.get(id)).content })),
  );
const clear = async () => {
  await servers.db`delete from access.notices`;
  await servers.db`delete from mail.outbox`;
};
const foldAll = async (by = notices) => {
  while (await by.fold());
};
const oldEnough = () => servers.db`update access.notices set first_at = first_at - interval '2 minutes'`;
const read = (more: object = {}) =>
  servers.audit.append({
    action: 'vault.read', actor: { kind: 'service', id: 'key_x', role: 'dpo' }, purpose: 'legal.request', classes: ['special'],
    subjects: [newSubjectId()], outcome: 'done',
    decision: { allow: true, policies: ['dpo-actions', 'dpo-reveal'], policyVersion: 'none' }, ...more,
  }); // prettier-ignore

test('broken glass: those who look at it are told at once, with an urgent mail; not who broke it, and nothing that was typed', async () => {
  const person = await personIn(servers, 'on-call');
  const by = { actor: await person.again() };
  const subject = aSubject();

  await servers.first.glass.break(by, {
    ...asking(subject.text),
    incident: 'INC for Ada Lovelace',
    reason: 'Ada Lovelace is hurt',
  });
  await Promise.all([notices.fold(), other.fold()]);

  for (const who of [dpo, security]) {
    const [one, ...more] = await told(who);
    assert.equal(more.length, 0);
    assert.deepEqual(
      [one?.urgent, one?.count, one?.customers, one?.link, one?.read],
      [true, 1, 1, '/break-glass', false],
    );
  }
  assert.deepEqual(await told(by.actor), []);
  const mails = await held();
  assert.deepEqual(mails.map(({ urgent, kind }) => [urgent, kind]), [[true, 'access.alarm'], [true, 'access.alarm']]); // prettier-ignore
  assert.match(mails[0]?.text ?? '', /https:\/\/room\.example\.org\/console\/break-glass/);
  const said = JSON.stringify([mails, await told(dpo), await servers.db`select about from access.notices`]);
  for (const secret of ['Lovelace', 'hurt', subject.text]) assert.ok(!said.includes(secret), secret);
  await oldEnough();
  await notices.digest();
  assert.equal((await held()).length, 2, 'what an urgent mail told is not told again');
});

test('a role that rests, who asks for it and the answer: holder and owner, owner, holder', async () => {
  const holder = await (await personIn(servers, 'support')).again();
  const log = (verb: string, actor: { kind: 'system' | 'staff'; id: string }, state = '') =>
    servers.audit.append({ action: `access.role.${verb}`, actor, outcome: 'done', detail: { person: holder.id, role: 'support', request: 'rrq_x', state } }); // prettier-ignore
  await log('rest', { kind: 'system', id: 'calendar' });
  await log('request', { kind: 'staff', id: holder.id }, 'pending');
  await log('give', { kind: 'staff', id: security.id }, 'given');
  await foldAll();

  const kinds = async (who: Actor) => (await told(who)).map(({ kind }) => kind).filter((kind) => kind.startsWith('role-')); // prettier-ignore
  assert.deepEqual((await kinds(holder)).toSorted(), ['role-answered', 'role-rests']);
  assert.deepEqual((await kinds(security)).toSorted(), ['role-asked', 'role-rests']);
  assert.deepEqual(await kinds(dpo), []);
  assert.ok((await told(holder)).some(({ says }) => says === 'the role support is yours again'));
});

test('@notify: ten thousand reads of an hour are one notice and one mail, however many servers tell of them', async () => {
  await servers.change((document) => ({
    ...document,
    policies: { ...document.policies, 'dpo-reveal': `@ notify("security")\n${document.policies['dpo-reveal']}` },
  }));
  await foldAll();
  await clear();
  const { id: version } = await servers.first.policies.get('active');
  const decision = { allow: true, policies: ['dpo-actions', 'dpo-reveal'], policyVersion: version };
  await read({ decision, subjects: Array.from({ length: 10_000 }, () => newSubjectId()) });
  await Promise.all(Array.from({ length: 200 }, () => read({ decision })));
  await read();
  await read({ decision: { ...decision, policies: ['dpo-actions'] } });

  await Promise.all([notices.fold(), other.fold(), notices.fold(), other.fold()]);
  await foldAll();

  const found = await told(security);
  // when the hour ends in the middle of the test there are two
  assert.ok(found.length === 1 || found.length === 2);
  assert.equal(found.reduce((sum, { count }) => sum + count, 0), 201); // prettier-ignore
  assert.equal(found.reduce((sum, { customers }) => sum + customers, 0), 10_200); // prettier-ignore
  assert.match(found[0]?.says ?? '', /special data, for legal\.request, of \d+ customers.*dpo-reveal/);
  assert.deepEqual(await told(dpo), []);
  await notices.digest();
  assert.equal((await held()).length, 0, 'what happens within a minute is told together');
  await oldEnough();
  await Promise.all([notices.digest(), other.digest()]);
  assert.equal((await held()).length, 1);

  await read({ decision, purpose: 'legal' });
  await foldAll();
  await oldEnough();
  await notices.digest();
  assert.equal((await held()).length, 1, 'and at most four such mails an hour');
  assert.equal((await notices.list(security)).unread, found.length + 1);
});

test('telling that fails loses nothing and tells nothing twice: the position moves with the notices', async () => {
  await clear();
  const broken = createNotices({ ...needs, mail: { queue: () => Promise.reject(new Error('the outbox is full')) } });
  const by = { actor: await (await personIn(servers, 'on-call')).again() };
  await servers.first.glass.break(by, { ...asking(aSubject().text), incident: 'INC-1', reason: 'fire' });

  await assert.rejects(broken.fold(), /outbox is full/);
  assert.deepEqual(await told(dpo), []);
  await foldAll();

  assert.equal((await told(dpo)).length, 1);
  assert.equal((await held()).length, 2);
  const unreachable = await personIn(servers, 'dpo');
  await servers.db`update access.people set email = ${'no address'} where person_id = (select max(person_id::text)::uuid from access.people)`;
  await servers.first.glass.break(by, { ...asking(aSubject().text), incident: 'INC-2', reason: 'fire' });
  await foldAll();
  assert.equal((await told(await unreachable.again())).length, 1, 'in the console, where there is no address');
  await servers.db`update access.people set state = 'disabled' where email = 'no address'`;
});

test('a request is with those who approve, the answer with who asked; a role that nobody has is told to who can give it', async () => {
  await clear();
  const asker = await personIn(servers, 'support');
  const by = { actor: await asker.again() };
  const { grants } = servers.first;
  const [one, two] = [
    await grants.request(by, asking(aSubject().text)),
    await grants.request(by, asking(aSubject().text)),
  ];
  await foldAll();

  assert.deepEqual((await told(dpo)).map(({ kind }) => kind), ['request', 'request']); // prettier-ignore
  assert.match(
    (await told(dpo))[0]?.says ?? '',
    /Ada \(support\) asks to see personal data, for service\.support, of 1 customer/,
  );
  await grants.approve({ actor: dpo }, one.id, one.scopeHash);
  await grants.deny({ actor: dpo }, two.id, 'Ada Lovelace did not call');
  await foldAll();
  assert.deepEqual((await told(by.actor)).map(({ kind }) => kind).toSorted(), ['approved', 'denied']); // prettier-ignore
  assert.ok(!JSON.stringify(await told(by.actor)).includes('Lovelace'));
  assert.equal((await told(dpo)).length, 2, 'nobody is told of what they did');

  const admin = await (await personIn(servers, 'admin')).again();
  const at = new Date().toISOString();
  await servers.db.begin((tx) =>
    notices.tell(tx, [
      {
        kind: 'unused',
        topic: 'x',
        about: { role: 'custodian' },
        roles: ['custodian'],
        people: [],
        except: null,
        urgent: false,
        customers: 0,
        at,
      },
    ]),
  );
  assert.deepEqual((await told(admin)).map(({ kind }) => kind), ['unused']); // prettier-ignore
});

test('what is about to end is said once: a grant of half an hour, a key in 14, 7 and 1 days', async () => {
  await clear();
  const { db } = servers;
  const by = { actor: await (await personIn(servers, 'support')).again() };
  const { grants } = servers.first;
  const asked = await grants.request(by, asking(aSubject().text, { seconds: 3600 }));
  await grants.approve({ actor: security }, asked.id, asked.scopeHash);
  await grants.activate(by, asked.id);
  await foldAll();
  await notices.remind();
  assert.equal((await told(by.actor)).filter(({ kind }) => kind === 'grant-ends').length, 0);
  await db.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update access.grants set until = clock_timestamp() + interval '5 minutes' where state = 'activated' and kind = 'jit'`;
  });
  const { id: keyId } = await servers.keyOf('application');
  const set = (days: number) =>
    db`update access.keys set created_at = now() - interval '80 days', expires_at = now() + make_interval(days => ${days}) where role = 'application'`;

  for (const days of [20, 13, 12, 6, 5]) {
    await set(days);
    await Promise.all([notices.remind(), other.remind()]);
  }

  assert.equal((await told(by.actor)).filter(({ kind }) => kind === 'grant-ends').length, 1);
  const [admin] = await db<{ person_id: string }[]>`select person_id from access.people where 'admin' = any (roles)`;
  const rows =
    await db`select topic from access.notices where kind = 'key-ends' and person_id = ${admin?.person_id as string} order by topic`;
  assert.deepEqual(rows.map(({ topic }) => topic), [`key-ends ${keyId} 14`, `key-ends ${keyId} 7`]); // prettier-ignore
  await set(60);
});

test('a review is told of when it is opened, due in a week or a day, and overdue; then its holders are told too', async () => {
  await clear();
  const reviews = createReviews({
    db: servers.db,
    clock: () => new Date(),
    audit: servers.audit,
    policies: servers.first.policies,
  });
  const holder = await personIn(servers, 'billing');
  const who = await holder.again();
  const { id } = await reviews.begin({ actor: dpo }, 'billing', 5 * 86_400);
  await foldAll();
  const late = (days: number) =>
    servers.db.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`update access.reviews set due_at = now() + make_interval(days => ${days}, hours => -1)`;
    });
  for (const days of [5, 5, 1, 1, 0, 0]) {
    await late(days);
    await Promise.all([notices.remind(), other.remind()]);
  }

  const kinds = (await told(security)).map(({ kind }) => kind).toSorted();
  assert.equal(kinds.filter((kind) => kind === 'review-open').length, 1);
  assert.ok(kinds.includes('review-due') && kinds.includes('review-overdue'));
  assert.deepEqual((await told(who)).map(({ kind, link }) => [kind, link])[0], ['review-overdue', `/reviews/${id}`]); // prettier-ignore
  assert.match(
    (await told(who))[0]?.says ?? '',
    /role billing is overdue: \d+ holders were not decided, and see nothing in clear/,
  );
  assert.deepEqual(await told(dpo), []);
});

test('what nobody used for 60 days is told to the owner of the role, once a month and not before', async () => {
  await clear();
  const unused = async () => (await told(security)).filter(({ kind }) => kind === 'unused');
  await needs.usage.unused();
  await createUsage({ db: servers.db, audit: servers.audit, policies: servers.first.policies }).fold();
  const later = (days: number) =>
    servers.db`update access.grant_usage set since = since - make_interval(days => ${days}), last = last - make_interval(days => ${days})`;
  await later(59);
  await notices.tasks();
  assert.deepEqual(await unused(), []);
  await later(2);

  await Promise.all([notices.tasks(), other.tasks()]);
  await notices.tasks();

  const found = await unused();
  assert.equal(found.filter(({ says }) => says.includes('role billing')).length, 1);
  assert.ok(found.every(({ count, link }) => count >= 1 && link === '/unused'));
  const [first, ...others] = await needs.usage.unused();
  assert.equal(first?.outcome, 'clear');
  assert.ok(
    others.findLastIndex(({ outcome }) => outcome === 'clear') <
      others.findIndex(({ outcome }) => outcome === 'masked'),
    'in clear first',
  );
});

test('notices are one’s own: nobody reads or marks another’s; a key that nobody stands behind has none; they are bounded', async () => {
  await clear();
  const by = { actor: await (await personIn(servers, 'on-call')).again() };
  await servers.first.glass.break(by, { ...asking(subjectIdText(newSubjectId())), incident: 'INC-3', reason: 'fire' });
  await foldAll();
  const [mine] = await told(dpo);

  await notices.read(security, [mine?.id ?? '', 'ntc_0', 'nonsense']);
  assert.equal((await notices.list(dpo)).unread, 1);
  await notices.read(dpo, [mine?.id ?? '']);
  assert.equal((await notices.list(dpo)).unread, 0);
  await assert.rejects(notices.list((await servers.by('dpo')).actor), code('ACCESS_SESSION_NEEDED'));
  await servers.db`
    insert into access.notices (notice_id, person_id, kind, topic, about, urgent, n, customers, first_at, last_at)
    select gen_random_uuid(), person_id, 'glass', g::text, '{}', false, 1, 0, now(), now() - make_interval(secs => g)
    from access.people cross join generate_series(1, 700) as g where 'dpo' = any (roles) and state = 'active'`;
  await notices.sweep();
  const [row] = await servers.db<
    { n: number }[]
  >`select max(n)::int as n from (select count(*) as n from access.notices group by person_id) as t`;
  assert.equal(row?.n, 500);
});

test('a copy that could not be whole is told to who answers customers: once a day of each of them, and naming nobody', async () => {
  await foldAll();
  await clear();
  const [subject, another] = [newSubjectId(), newSubjectId()];
  const incomplete = (whose: typeof subject) =>
    servers.audit.append({
      action: 'privacy.copy.incomplete', actor: { kind: 'subject', id: whose }, subjects: [whose], outcome: 'failed', detail: { missing: 2, pieces: ['file att_x'] },
    }); // prettier-ignore
  for (const whose of [subject, subject, another]) await incomplete(whose);

  await foldAll();

  const found = await told(dpo);
  assert.deepEqual(found.map(({ kind, link, urgent }) => [kind, link, urgent]), [['copy-incomplete', '/privacy', false], ['copy-incomplete', '/privacy', false]]); // prettier-ignore
  assert.deepEqual(new Set(found.map(({ count }) => count)), new Set([1, 2]));
  assert.match(found[0]?.says ?? '', /lacks 2 pieces that could not be read/);
  assert.deepEqual(await told(security), []);
  assert.ok(!JSON.stringify(found).includes(subject));
});
