/** Who may do an exercise, what passing one opens, and how a try ends, whatever dies in between. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { passCourse } from './testing-taught.ts';
import { comeIn, type Json } from './testing.ts';
import { COURSE, exerciseRoom, phoneIn } from './testing-exercises.ts';

const { world, call, begin, look, handIn, search, tidy, practised } = exerciseRoom();

test('a key of nobody has no exercise, and an exercise of another role is not begun', async () => {
  const { key } = await world().two.newKey('support');
  const listed = await call('GET', '/v1/education/exercises', { key });
  assert.ok((listed.body.exercises as Json[]).every(({ state }) => state === 'new'));
  for (const [method, path] of [
    ['GET', 'exercises/find-a-caller'],
    ['POST', 'exercises/find-a-caller/tries'],
  ] as const)
    assert.equal((await call(method, `/v1/education/${path}`, { key })).body.code, 'ACCESS_SESSION_NEEDED');
  const { cookie } = await world().somebody(['billing']);
  assert.equal((await begin(cookie, 'find-a-caller')).body.code, 'EDUCATION_OTHER_ROLE');
});

test('a course that asks for an exercise is passed with the last of the two, and opens the role then', async () => {
  const { cookie } = await world().somebody(['support'], comeIn);
  const id = COURSE;
  await practised();
  const { body: assigned } = await call('GET', '/v1/education/mine', { cookie });
  assert.ok(assigned.duties.length > 0);
  const quiz = await passCourse(world().two, cookie, id);
  assert.deepEqual([quiz.passed, quiz.exercises], [true, ['find-a-caller']]);
  const { body } = await begin(cookie, 'find-a-caller');
  await search(cookie, { phone: phoneIn(body) });

  const graded = await handIn(cookie, body.try.id as string);

  assert.deepEqual([graded.body.verdict, graded.body.courses], ['passed', [id]]);
  assert.equal((await passCourse(world().two, cookie, id)).exercises.length, 0, 'the next time the quiz is enough');
});

test('begun on two servers at once it is one try, and what the other set up is gone', async () => {
  const { cookie } = await world().somebody(['support']);
  // whom nobody is shown, but who is there
  const ofNoTry = async (): Promise<number> => {
    const [row] = await world().two.fresh.db`
      select count(*)::int as n from vault.records where expires_at is not null and subject_id not in (
        select subject_id from education.exercise_customers join education.exercise_tries using (try_id))`;
    return row?.n as number;
  };
  const before_ = await ofNoTry();
  const both = await Promise.all([begin(cookie, 'find-a-caller'), begin(cookie, 'find-a-caller', 1)]);
  assert.equal(await ofNoTry(), before_);
  assert.deepEqual(
    both.map(({ status }) => status),
    [201, 201],
  );
  assert.equal(both[0].body.try.id, both[1].body.try.id);
  assert.equal((await search(cookie, { first_name: { prefix: 'Noor' } })).body.records.length, 2);
  const id = both[0].body.try.id as string;
  await search(cookie, { phone: phoneIn(both[0].body) });
  const handed = await Promise.all([handIn(cookie, id), handIn(cookie, id, 1)]);
  assert.deepEqual(
    handed.map(({ body }) => body.verdict),
    ['passed', 'passed'],
  );
  const mine = (await world().two.entriesOf('education.exercise.hand-in')).filter(({ detail }) => detail.try === id);
  assert.equal(mine.length, 1);
});

test('a server that dies between the grade and its end has graded nothing: handed in again, the same entries pass', async () => {
  const { cookie } = await world().somebody(['support']);
  const { db } = world().two.fresh;
  const { body } = await begin(cookie, 'find-a-caller');
  await search(cookie, { phone: phoneIn(body) });
  const id = body.try.id as string;
  await db.unsafe(`create function education.dies() returns trigger language plpgsql as $$ begin raise exception 'the server dies'; end $$;
    create trigger dies after update on education.exercise_tries for each row when (new.state = 'passed') execute function education.dies()`);
  assert.equal((await handIn(cookie, id)).status, 500);
  await db.unsafe('drop trigger dies on education.exercise_tries; drop function education.dies()');

  assert.equal((await look(cookie, 'find-a-caller')).state, 'open');
  assert.equal((await search(cookie, { phone: phoneIn(body) })).status, 200, 'what it opened is open as before');
  assert.equal((await handIn(cookie, id, 1)).body.verdict, 'passed');
  const mine = (await world().two.entriesOf('education.exercise.hand-in')).filter(({ detail }) => detail.try === id);
  assert.equal(mine.length, 1);
});

test('customers of exercises are in no export, and of one that nobody ended nothing is left when its time is over', async () => {
  const { cookie } = await world().somebody(['support']);
  const { body } = await begin(cookie, 'find-a-caller');
  const writer = await world().two.newKey('application');
  const real = { collection: 'customer', fields: { last_name: 'Quill', phone: '+49 89 99998997' } };
  assert.equal(
    (await call('POST', '/v1/vault/records', { key: writer.key, purpose: 'service.support', body: real })).status,
    201,
  );
  const key = (await world().two.newKey('dpo')).key;
  const response = await fetch(`${world().two.urls[0]}/v1/vault/export?collection=customer&fields=phone`, {
    headers: { authorization: `Bearer ${key}`, 'strongroom-purpose': 'legal.request' },
  });
  const lines = (await response.text()).replaceAll(' ', '');
  assert.equal(response.status, 200, lines);
  assert.ok(lines.includes('+49') && !lines.includes(phoneIn(body).replaceAll(' ', '').slice(-9)), lines);

  await world().two.fresh.db`alter table education.exercise_tries disable trigger exercise_tries_once`;
  await world().two.fresh
    .db`update education.exercise_tries set ends_at = now() - interval '1 second' where state = 'open'`;
  await world().two.fresh.db`alter table education.exercise_tries enable trigger exercise_tries_once`;
  assert.equal((await handIn(cookie, body.try.id as string)).body.code, 'EDUCATION_TRY_OVER');
  await tidy();
  assert.equal((await search(cookie, { phone: phoneIn(body) })).status, 403);
  const [left] = await world().two.fresh.db`
    select count(*)::int as n from vault.records join education.exercise_customers using (subject_id) join education.exercise_tries using (try_id) where state <> 'open'`;
  assert.equal(left?.n, 0);
});

test('a try that has ended stays as it ended, whoever writes to the table', async () => {
  const { db } = world().two.fresh;
  await assert.rejects(db`update education.exercise_tries set state = 'passed' where state <> 'open'`, /ends once/);
  await assert.rejects(db`update education.exercise_tries set started_entry = 0`, /ends once/);
  await assert.rejects(db`delete from education.exercise_customers`, /stays as it is/);
});

test('by the command line with a key of one’s own: begun, looked at, handed in; what the key does is none of it', async () => {
  const { body: made } = await call('POST', '/v1/access/keys', {
    cookie: world().admin.cookie,
    body: { name: 'own', role: 'support' },
  });
  const key = made.key as string;
  const run = (...args: string[]) => world().two.command(['exercises', ...args], { noun: 'education', key });

  const listed = await run('list');
  assert.deepEqual([listed.code, /find-a-caller +new/.test(listed.out)], [0, true], listed.out + listed.err);
  assert.equal((await run('hand-in', 'find-a-caller')).code, 2, 'none is open');
  const begun = JSON.parse((await run('start', 'find-a-caller', '--json')).out) as Json;
  await call('POST', '/v1/vault/records/search', {
    key,
    purpose: 'service.support',
    body: { collection: 'customer', where: { phone: phoneIn(begun) } },
  });
  const handed = await run('hand-in', 'find-a-caller');
  assert.equal(handed.code, 1);
  assert.match(handed.out, /Not yet: 1 of 1 step is missing/);
  assert.match((await run('show', 'find-a-caller')).out, /open until .*, as support; do it in the console/);
  assert.equal((await run('give-up', 'find-a-caller')).code, 0);
  const help = await run('--help');
  assert.match(help.out, /what counts is what you do\s+signed in/);
});
