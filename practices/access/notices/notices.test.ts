import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';

import { migrate } from '#platform/db';
import { newSubjectId } from '#platform/ids';
import { createMail, mailSealing, type Mail } from '#platform/mail';

import type { Actor } from '../decide.ts';
import { createUsage } from '../grants/usage.ts';
import { asking, aSubject, personIn, twoServers, type Servers } from '../testing.ts';
import { createNotices, type Notices, type NoticesNeeds } from './notices.ts';
import { whatIsDueIsTold } from './notices-due.tests.ts';

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

test('what happened and was mailed while the clock ran ahead by a year is no reason to say nothing until then', async () => {
  await clear();
  const by = { actor: await (await personIn(servers, 'support')).again() };
  const asked = async (): Promise<void> => {
    await servers.first.grants.request(by, asking(aSubject().text));
    await foldAll();
  };
  const mails = async (): Promise<number> => {
    await notices.digest();
    return (await held()).length;
  };
  await asked();
  const people = (await servers.db`select distinct person_id from access.notices`).count;
  await servers.db`update access.notices set first_at = now() + interval '1 year'`;
  assert.equal(await mails(), people);

  await servers.db`update access.notices set mailed_at = now() + interval '1 year'`;
  await asked();
  await oldEnough();
  assert.equal(await mails(), 2 * people);
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
  // one who was made up for tests of the system reads nothing, and is not who has it
  const canary = await (await personIn(servers, 'custodian')).again();
  await servers.db`update access.people set canaries_only = true where 'custodian' = any (roles)`;
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
  assert.deepEqual(await told(canary), []);
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({ servers, notices, other, needs, dpo, security, told, clear, foldAll });
export type Running = ReturnType<typeof running>;

whatIsDueIsTold(running);
