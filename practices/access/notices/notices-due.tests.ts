/** What is told because of its day: what ends, reviews, what nobody used; and to whom a notice belongs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newSubjectId, subjectIdText } from '#platform/ids';

import { createUsage } from '../grants/usage.ts';
import { createReviews } from '../grants/reviews.ts';
import { asking, aSubject, code, personIn } from '../testing.ts';
import type { Running } from './notices.test.ts';

export function whatIsDueIsTold(of: () => Running): void {
  test('what is about to end is said once: a grant of half an hour, a key in 14, 7 and 1 days', async () => {
    const { clear, servers, security, foldAll, notices, told, other } = of();
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
    const { clear, servers, dpo, foldAll, notices, other, told, security } = of();
    await clear();
    const reviews = createReviews({
      db: servers.db,
      clock: () => new Date(),
      audit: servers.audit,
      policies: servers.first.policies,
      rolesThat: servers.first.rolesThat,
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
    const { clear, told, security, needs, servers, notices, other } = of();
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
    const { clear, servers, foldAll, told, dpo, notices, security } = of();
    await clear();
    const by = { actor: await (await personIn(servers, 'on-call')).again() };
    await servers.first.glass.break(by, {
      ...asking(subjectIdText(newSubjectId())),
      incident: 'INC-3',
      reason: 'fire',
    });
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
    const { foldAll, clear, servers, told, dpo, security } = of();
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
}
