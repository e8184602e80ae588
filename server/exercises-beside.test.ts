/** Exercises beside what others do at the same moment: other people's requests, and the quiz of the same course. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Invited } from './testing-education.ts';
import { COURSE, exerciseRoom, grantFor, phoneIn } from './testing-exercises.ts';
import { passCourse } from './testing-taught.ts';
import { comeIn, type Json } from './testing.ts';

const { world, call, begun: begin, handIn, search, practised } = exerciseRoom();
const grantsOf = async (cookie: string): Promise<readonly string[]> =>
  ((await call('GET', '/v1/access/requests', { cookie })).body.requests as Json[]).map(({ id }) => id as string);

test('what a learner asks for in an exercise stands in nobody’s list, is approved by nobody, and ends behind a thousand newer ones', async () => {
  const { db } = world().two.fresh;
  const [{ cookie }, { cookie: approver }] = [
    await world().somebody(['support']),
    await world().somebody(['security'], comeIn),
  ];
  await db`update access.sessions set phishing_resistant = true`;
  const body = await begin(cookie, 'ask-for-a-grant');
  const { subjectId } = (await search(cookie, { phone: phoneIn(body) })).body.records[0] as Json;
  const ask = grantFor(subjectId);
  const asked = await call('POST', '/v1/access/requests', { cookie, body: ask });
  assert.equal(asked.status, 201, JSON.stringify(asked.body));
  const { id, scopeHash } = asked.body as { id: string; scopeHash: string };

  assert.ok((await grantsOf(cookie)).includes(id));
  await assert.rejects(db`update access.grants set exercise = false where requested_by <> 'exercise'`, /kept for ever/);
  const real = await world().somebody(['support'], comeIn);
  const { body: other } = await call('POST', '/v1/access/requests', {
    cookie: real.cookie,
    body: { ...ask, subjects: [world().subjectId] },
  });
  const shown = await grantsOf(approver);
  assert.deepEqual([shown.includes(other.id as string), shown.includes(id)], [true, false]);
  assert.equal(
    (await call('POST', `/v1/access/requests/${id}/approve`, { cookie: approver, body: { scopeHash } })).status,
    404,
  );

  await db`
    insert into access.grants (grant_id, kind, holder, requested_by, role, scope, scope_hash, reads, seconds, reason, needed, state, waits_until, changed_by)
    select ('ffffffff-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, kind, holder, 'many', role, scope, scope_hash, reads, seconds, reason, needed, 'pending', waits_until, 'many'
    from access.grants, generate_series(1, 1000) n where requested_by = ${real.id}`;
  assert.equal((await handIn(cookie, body.try.id as string)).body.verdict, 'passed');
  const [mine, ...rest] =
    await db`select state from access.grants where requested_by <> ${real.id} and requested_by <> 'many'`;
  assert.deepEqual([mine?.state, rest], ['cancelled', []]);
  const [others] = await db`select count(*)::int as n from access.grants where state = 'pending'`;
  assert.equal(others?.n, 1001, 'of others none ends');
  assert.ok(!(await grantsOf(approver)).includes(id), 'also after');
});

const passesOf = async ({ id }: Invited): Promise<number> =>
  (await world().two.entriesOf('education.course.pass')).filter(({ actor }) => actor.id === id).length +
  (await world().two.entriesOf('education.exercise.hand-in')).filter(
    ({ actor, detail }) => actor.id === id && detail.courses.includes(COURSE),
  ).length;

test('a quiz and an exercise that are handed in at once pass the course: one of the two sees the other', async () => {
  const { db } = world().two.fresh;
  await practised();
  const one = await world().somebody(['support']);
  await call('GET', '/v1/education/mine', { cookie: one.cookie });
  const body = await begin(one.cookie, 'find-a-caller');
  await search(one.cookie, { phone: phoneIn(body) });
  const before_ = await passesOf(one);
  let both: Promise<unknown> = Promise.resolve();
  await db.begin(async (tx) => {
    const [who] =
      await tx`select person_id::text as id from education.exercise_tries where state = 'open' and exercise = 'find-a-caller'`;
    await tx`select pg_advisory_xact_lock(hashtextextended(${`education.exercise ${who?.id}`}, 0))`;
    both = Promise.all([handIn(one.cookie, body.try.id as string), passCourse(world().two, one.cookie, COURSE)]);
    both.catch(() => undefined);
    for (let waiting = 0; waiting < 2;)
      [{ waiting } = { waiting: 0 }] = await db<{ waiting: number }[]>`
        select count(*)::int as waiting from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`;
  });
  await both;
  assert.equal(await passesOf(one), before_ + 1);
});

test('a quiz that was passed before the course would have run out is no half of a course', async () => {
  const { db } = world().two.fresh;
  const one = await world().somebody(['support']);
  await call('GET', '/v1/education/mine', { cookie: one.cookie });
  await passCourse(world().two, one.cookie, COURSE);
  await db`alter table education.sittings disable trigger sittings_once`;
  await db`update education.sittings set graded_at = graded_at - interval '10 years', began_at = began_at - interval '10 years' where course = ${COURSE}`;
  await db`alter table education.sittings enable trigger sittings_once`;
  const body = await begin(one.cookie, 'find-a-caller');
  await search(one.cookie, { phone: phoneIn(body) });
  const graded = await handIn(one.cookie, body.try.id as string);
  assert.deepEqual([graded.body.verdict, graded.body.courses], ['passed', []]);
});

test('what was done before a course was taken back is no half of it', async () => {
  const one = await world().somebody(['support']);
  const { key } = await world().two.newKey('dpo');
  const takeBack = async (): Promise<void> => {
    const body = { person: one.id, kind: 'course', id: COURSE, because: 'a test' };
    assert.equal((await call('POST', '/v1/education/revocations', { key, body })).status, 204);
  };
  await call('GET', '/v1/education/mine', { cookie: one.cookie });
  assert.deepEqual((await passCourse(world().two, one.cookie, COURSE)).exercises, ['find-a-caller']);
  await takeBack();
  const body = await begin(one.cookie, 'find-a-caller');
  await search(one.cookie, { phone: phoneIn(body) });
  const graded = await handIn(one.cookie, body.try.id as string);
  assert.deepEqual([graded.body.verdict, graded.body.courses], ['passed', []]);
  assert.deepEqual((await passCourse(world().two, one.cookie, COURSE)).exercises, []);

  await takeBack();
  assert.deepEqual((await passCourse(world().two, one.cookie, COURSE)).exercises, ['find-a-caller']);
});
