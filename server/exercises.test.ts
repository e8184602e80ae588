/** Exercises over the real routes: done on made-up customers, graded by the log, and opening nobody else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { staffedSystems, type Staffed } from './testing-education.ts';
import { passCourse } from './testing-taught.ts';
import { comeIn, type Json } from './testing.ts';

let world: Staffed;
before(async () => {
  world = await staffedSystems();
});
after(() => world.two.close());

const call: Staffed['two']['call'] = (...asked) => world.two.call(...asked);
const begin = (cookie: string, id: string, server = 0) =>
  call('POST', `/v1/education/exercises/${id}/tries`, { cookie, server });
const look = async (cookie: string, id: string): Promise<Json> =>
  (await call('GET', `/v1/education/exercises/${id}`, { cookie })).body;
const handIn = (cookie: string, id: string, server = 0) =>
  call('POST', `/v1/education/tries/${id}/hand-in`, { cookie, server });
const search = (cookie: string, where: object, purpose = 'service.support', more: object = {}) =>
  call('POST', '/v1/vault/records/search', { cookie, purpose, body: { collection: 'customer', where, ...more } });
const phoneIn = ({ brief }: Json): string => /\+49 30 231 25\d{3}/.exec(brief as string)?.[0] as string;
const tidy = () => world.two.systems[0].education.exercises.sweep(); // prettier-ignore

test('who was never taught finds the made-up caller and nobody else, is graded by the log, and it is over', async () => {
  const { cookie } = await world.somebody(['support']);
  const { key } = await world.two.newKey('application');
  const real = {
    collection: 'customer',
    fields: { first_name: 'Noor', last_name: 'Example', company: 'Real', phone: '+49 89 99998999' },
  };
  const { body: other } = await call('POST', '/v1/vault/records', { key, purpose: 'service.support', body: real });
  assert.equal((await search(cookie, { last_name: { prefix: 'Exa' } })).status, 403);

  const begun = await begin(cookie, 'find-a-caller');

  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  assert.deepEqual([begun.body.state, begun.body.try.role, begun.body.try.lines], ['open', 'support', []]);
  const again = await begin(cookie, 'find-a-caller', 1);
  assert.equal(again.body.try.id, begun.body.try.id, 'on the other server it is the same one');
  assert.equal((await begin(cookie, 'spot-a-false-officer')).body.code, 'EDUCATION_EXERCISE_BUSY');
  assert.equal((await handIn(cookie, begun.body.try.id as string)).body.verdict, 'not-yet');

  // nobody else: not by name, not by page, not by id, not by a cursor
  const byName = await search(cookie, { last_name: { prefix: 'Exa' } }, 'service.support', { limit: 1 });
  assert.equal(byName.status, 200, JSON.stringify(byName.body));
  assert.deepEqual([byName.body.records.length, byName.body.cursor], [1, undefined]);
  assert.deepEqual((await search(cookie, { phone: '+498999998999' })).body.records, []);
  assert.deepEqual(
    (await search(cookie, { first_name: { prefix: 'Noor' } })).body.records.map(({ id }: Json) => id === other.id),
    [false, false],
  );
  for (const id of [other.id, world.recordId] as string[])
    assert.deepEqual(
      (await call('GET', `/v1/vault/records/${id}`, { cookie, purpose: 'service.support' })).status,
      403,
    );
  assert.equal(
    (
      await call('POST', '/v1/vault/records/read', {
        cookie,
        purpose: 'service.support',
        body: { ids: [byName.body.records[0].id, other.id] },
      })
    ).status,
    403,
  );
  assert.equal((await call('GET', `/v1/vault/subjects/${world.subjectId}`, { cookie })).status, 403);
  assert.equal(
    (await call('GET', '/v1/vault/export?collection=customer', { cookie, purpose: 'service.support' })).status,
    403,
  );
  assert.equal(
    (
      await call('POST', '/v1/vault/subjects/find', {
        cookie,
        purpose: 'service.support',
        body: { collection: 'customer', externalId: 'c-1' },
      })
    ).status,
    403,
  );
  const ask = {
    purpose: 'service.support',
    classes: ['sensitive'],
    subjects: [world.subjectId],
    minutes: 5,
    reads: 1,
    reason: 'why not',
  };
  assert.equal((await call('POST', '/v1/access/requests', { cookie, body: ask })).status, 403);
  assert.equal(
    (await call('GET', '/v1/privacy/requests', { cookie })).status,
    403,
    'what the role may not is not opened',
  );

  const found = await search(cookie, { phone: phoneIn(begun.body) });
  assert.equal(found.status, 200, JSON.stringify(found.body));
  assert.equal(found.body.records.length, 1);
  const [entry] = (await world.two.entriesOf('vault.search')).slice(-1);
  assert.ok(entry?.decision.policies.includes('exercise'), 'the log says by what they were let in');
  const shown = (await look(cookie, 'find-a-caller')).try;
  assert.deepEqual(
    shown.lines.map(({ kind, says }: Json) => [kind, says]),
    [['right', 'Search for the caller by the phone number']],
  );

  const graded = await handIn(cookie, begun.body.try.id as string, 1);

  assert.deepEqual([graded.status, graded.body.verdict], [200, 'passed'], JSON.stringify(graded.body));
  const record = found.body.records[0].id as string;
  assert.equal(
    (await call('GET', `/v1/vault/records/${record}`, { cookie, purpose: 'service.support' })).status,
    403,
    'its right ended with it',
  );
  assert.equal((await search(cookie, { phone: phoneIn(begun.body) })).status, 403);
  const entries = (await world.two.entriesOf('education.exercise.hand-in')).length;
  assert.deepEqual(
    (await handIn(cookie, begun.body.try.id as string)).body.verdict,
    'passed',
    'a second time it says the same',
  );
  assert.equal((await world.two.entriesOf('education.exercise.hand-in')).length, entries, 'and is no second one');
  await tidy();
  assert.equal(
    (await call('GET', `/v1/vault/records/${record}`, { key, purpose: 'service.support' })).status,
    404,
    'its customers are gone',
  );
  assert.equal((await look(cookie, 'find-a-caller')).state, 'passed');
});

test('a wrong way fails, names the entry, and how it is done; three tries, then a day', async () => {
  const { cookie } = await world.somebody(['support']);
  for (const nth of [1, 2, 3]) {
    const { body } = await begin(cookie, 'find-a-caller');
    const found = await search(cookie, { phone: phoneIn(body) });
    const { id } = found.body.records[0] as Json;
    await call('GET', `/v1/vault/records/${id}?fields=phone`, { cookie, purpose: 'service.support' });
    if (nth === 1) {
      // masked is not in clear: the other Noor is what spoils it here
      const both = await search(cookie, { first_name: { prefix: 'Noor' } });
      for (const each of both.body.records as Json[])
        await call('GET', `/v1/vault/records/${each.id}`, { cookie, purpose: 'service.support' });
      const { body: failed } = await handIn(cookie, body.try.id as string);
      assert.equal(failed.verdict, 'failed', JSON.stringify(failed));
      assert.ok(
        failed.lines.some(
          ({ kind, says, entry }: Json) =>
            kind === 'wrong' && says === 'The other Noor’s record was opened'.replace('’', "'") && entry > 0,
        ),
      );
      assert.equal((await look(cookie, 'find-a-caller')).last.verdict, 'failed');
    } else assert.equal((await call('POST', `/v1/education/tries/${body.try.id}/give-up`, { cookie })).status, 204);
  }
  const fourth = await begin(cookie, 'find-a-caller');
  assert.deepEqual([fourth.status, fourth.body.code], [429, 'EDUCATION_WAIT']);
});

test('entries of others, of keys with such a name, and of before the start are none of it; nor is another’s try', async () => {
  const { cookie, id: me } = await world.somebody(['support']);
  const { cookie: else_ } = await world.somebody(['support'], comeIn);
  const { body } = await begin(cookie, 'find-a-caller');
  const phone = phoneIn(body);

  await search(else_, { phone });
  const { audit, education } = world.two.systems[0];
  await audit.append({
    action: 'vault.search',
    actor: { kind: 'service', id: me },
    purpose: 'service.support',
    outcome: 'done',
    detail: { by: ['phone'] },
  });
  await audit.append({
    action: 'vault.search',
    actor: { kind: 'staff', id: `${me}x` },
    purpose: 'service.support',
    outcome: 'done',
    detail: { by: ['phone'], person: me },
  });

  assert.equal((await handIn(cookie, body.try.id as string)).body.verdict, 'not-yet');
  assert.equal((await handIn(else_, body.try.id as string)).body.code, 'EDUCATION_TRY_NOT_FOUND');
  assert.equal((await call('POST', `/v1/education/tries/${body.try.id}/give-up`, { cookie: else_ })).status, 404);
  const searched = await search(cookie, { phone });
  assert.equal(searched.body.records.length, 1);
  await call('POST', `/v1/education/tries/${body.try.id}/give-up`, { cookie });
  await education.exercises.sweep();
  const next = await begin(cookie, 'find-a-caller');
  assert.equal(
    (await handIn(cookie, next.body.try.id as string)).body.verdict,
    'not-yet',
    'what was done in a try before is none of this one',
  );
});

test('just enough is asked for on the made-up customer: nobody is told of it, and it ends with the try', async () => {
  const { cookie } = await world.somebody(['support']);
  const { body } = await begin(cookie, 'ask-for-a-grant');
  const found = await search(cookie, { phone: phoneIn(body) }, 'service.support');
  const { subjectId } = found.body.records[0] as Json;
  const ask = {
    purpose: 'service.support',
    classes: ['sensitive'],
    subjects: [subjectId],
    minutes: 15,
    reads: 1,
    reason: 'another door',
  };

  const asked = await call('POST', '/v1/access/requests', { cookie, body: ask });

  assert.equal(asked.status, 201, JSON.stringify(asked.body));
  assert.equal((await world.two.entriesOf('access.grant.request')).at(-1)?.detail.exercise, true);
  const graded = await handIn(cookie, body.try.id as string);
  assert.equal(graded.body.verdict, 'passed', JSON.stringify(graded.body));
  assert.equal((await world.two.entriesOf('access.grant.cancel')).at(-1)?.detail.grant, asked.body.id);
});

test('an odd line is reported as one of the exercise: the log has it, no incident is opened, and a real report is none of it', async () => {
  const { cookie } = await world.somebody(['support']);
  const { body } = await begin(cookie, 'report-an-odd-export');
  const { id, planted } = body.try as Json;
  assert.equal(planted.length, 3);
  const marked = (await world.two.entriesOf('education.exercise.planted')).slice(-3);
  assert.deepEqual(
    marked.map(({ detail }) => [detail.as, detail.made]),
    Array.from({ length: 3 }, () => ['collection.export.run', 'up']),
  );
  const report = (exercise: object | undefined) =>
    call('POST', '/v1/education/incidents', {
      cookie,
      body: { what: 'odd', ...(exercise === undefined ? {} : { exercise }) },
    });
  const incidents = async () =>
    (await world.two.entriesOf('education.report')).filter(({ detail }) => detail.incident !== undefined).length;
  const before_ = await incidents();

  assert.equal((await report(undefined)).status, 201);
  assert.equal(await incidents(), before_ + 1, 'a real one is one');
  assert.equal((await handIn(cookie, id as string)).body.verdict, 'not-yet');
  assert.equal((await report({ try: id, line: 'nobody' })).body.code, 'EDUCATION_TRY_NOT_FOUND');
  assert.equal((await report({ try: id, line: 'morning' })).status, 201);
  assert.equal((await handIn(cookie, id as string)).body.verdict, 'not-yet', 'that line is as every morning');
  assert.equal((await report({ try: id, line: 'night' })).status, 201);
  assert.equal(await incidents(), before_ + 1);
  assert.equal((await handIn(cookie, id as string)).body.verdict, 'passed');
  assert.equal((await report({ try: id, line: 'night' })).body.code, 'EDUCATION_TRY_OVER');
});

test('a message is reported as the exercise’s, and looking for the customer spoils it', async () => {
  const { cookie } = await world.somebody(['support']);
  const { body } = await begin(cookie, 'spot-a-false-officer');
  const told = await call('POST', '/v1/education/phishing/reports', {
    cookie,
    body: { text: 'from the officer', exercise: { try: body.try.id } },
  });
  assert.deepEqual([told.status, told.body.was], [200, 'exercise'], JSON.stringify(told.body));
  await search(cookie, { phone: phoneIn(body) });
  assert.equal((await handIn(cookie, body.try.id as string)).body.verdict, 'failed');
});

test('an access request of a made-up customer is read and answered, and no other is shown', async () => {
  const { cookie } = await world.somebody(['dpo']);
  const { cookie: taught } = await world.somebody(['dpo'], comeIn);
  // answers take a passkey of this moment
  await world.two.fresh.db`update access.sessions set phishing_resistant = true`;
  const taken = await call('POST', '/v1/privacy/requests', {
    cookie: taught,
    body: { subject: world.subjectId, kind: 'access', how: 'letter' },
  });
  assert.equal(taken.status, 201, JSON.stringify(taken.body));
  const { body } = await begin(cookie, 'answer-an-access-request');
  const list = await call('GET', '/v1/privacy/requests', { cookie });
  assert.equal(list.status, 200, JSON.stringify(list.body));
  const [mine, ...others] = list.body.requests as Json[];
  assert.deepEqual(others, []);
  assert.ok(
    !(await call('GET', '/v1/privacy/requests', { cookie: taught })).body.requests.some(
      ({ id }: Json) => id === mine?.id,
    ),
    'nobody else has it in the list',
  );
  for (const [method, path, sent] of [
    ['GET', `/v1/privacy/requests/${taken.body.id}`, undefined],
    ['POST', `/v1/privacy/requests/${taken.body.id}/decide`, { decision: 'refuse', answer: 'no' }],
    ['POST', '/v1/privacy/requests', { subject: world.subjectId, kind: 'access', how: 'letter' }],
    ['POST', `/v1/privacy/requests/${taken.body.id}/copy`, { passphrase: 'a passphrase that is long enough' }],
  ] as const)
    assert.equal(
      (await call(method, path, { cookie, ...(sent === undefined ? {} : { body: sent }) })).status,
      403,
      path,
    );

  assert.equal((await call('GET', `/v1/privacy/requests/${mine?.id}`, { cookie })).status, 200);
  const decided = await call('POST', `/v1/privacy/requests/${mine?.id}/decide`, {
    cookie,
    body: { decision: 'fulfil', answer: 'It is in the post.', send: 'nothing' },
  });
  assert.equal(decided.status, 200, JSON.stringify(decided.body));
  assert.equal((await handIn(cookie, body.try.id as string)).body.verdict, 'passed');
  assert.equal((await call('GET', '/v1/privacy/requests', { cookie })).status, 403);
  await tidy();
});

test('made-up requests for grants are decided by their learner, whom alone they are shown to, and are gone after', async () => {
  const { cookie } = await world.somebody(['security']);
  const { cookie: other } = await world.somebody(['dpo'], comeIn);
  await world.two.fresh.db`update access.sessions set phishing_resistant = true`;
  const waiting = async (as: string): Promise<Json[]> =>
    (await call('GET', '/v1/access/requests', { cookie: as })).body.requests as Json[];
  const before_ = (await waiting(other)).length;
  const { body } = await begin(cookie, 'refuse-without-purpose');
  const mine = (await waiting(cookie)).filter(({ requestedBy }) => requestedBy === 'exercise');
  assert.deepEqual(mine.filter(({ reason }) => reason === 'as discussed').length, 1);
  assert.equal(mine.length, 2);
  assert.equal((await waiting(other)).length, before_, 'nobody else is bothered');
  const [narrow, wide] = mine.toSorted((a) => (a.reason === 'as discussed' ? 1 : -1)) as [Json, Json];
  assert.equal(
    (
      await call('POST', `/v1/access/requests/${narrow.id}/approve`, {
        cookie: other,
        body: { scopeHash: narrow.scopeHash },
      })
    ).status,
    404,
  );

  const approved = await call('POST', `/v1/access/requests/${narrow.id}/approve`, {
    cookie,
    body: { scopeHash: narrow.scopeHash },
  });
  assert.equal(approved.status, 200, JSON.stringify(approved.body));
  assert.equal(
    (await call('POST', `/v1/access/requests/${wide.id}/deny`, { cookie, body: { note: 'what for?' } })).status,
    200,
  );
  const graded = await handIn(cookie, body.try.id as string);
  assert.equal(graded.body.verdict, 'passed', JSON.stringify(graded.body));
  const [left] = await world.two.fresh
    .db`select count(*)::int as n from access.grants where requested_by = 'exercise' and state in ('pending', 'approved')`;
  assert.equal(left?.n, 0);
});

test('an objection of a made-up customer is carried out', async () => {
  const { cookie } = await world.somebody(['dpo']);
  await world.two.fresh.db`update access.sessions set phishing_resistant = true`;
  const { body } = await begin(cookie, 'carry-out-an-objection');
  const [mine] = (await call('GET', '/v1/privacy/requests', { cookie })).body.requests as Json[];
  await call('GET', `/v1/privacy/requests/${mine?.id}`, { cookie });
  const decided = await call('POST', `/v1/privacy/requests/${mine?.id}/decide`, {
    cookie,
    body: { decision: 'fulfil', answer: 'It has ended.' },
  });
  assert.equal(decided.status, 200, JSON.stringify(decided.body));
  assert.equal((await handIn(cookie, body.try.id as string)).body.verdict, 'passed');
  await tidy();
});

test('a key of nobody has no exercise, and an exercise of another role is not begun', async () => {
  const { key } = await world.two.newKey('support');
  const listed = await call('GET', '/v1/education/exercises', { key });
  assert.ok((listed.body.exercises as Json[]).every(({ state }) => state === 'new'));
  for (const [method, path] of [
    ['GET', 'exercises/find-a-caller'],
    ['POST', 'exercises/find-a-caller/tries'],
  ] as const)
    assert.equal((await call(method, `/v1/education/${path}`, { key })).body.code, 'ACCESS_SESSION_NEEDED');
  const { cookie } = await world.somebody(['billing']);
  assert.equal((await begin(cookie, 'find-a-caller')).body.code, 'EDUCATION_OTHER_ROLE');
});

test('a course that asks for an exercise is passed with the last of the two, and opens the role then', async () => {
  const dpo = (await world.two.newKey('dpo')).key;
  const { cookie } = await world.somebody(['support'], comeIn);
  const id = 'handling-personal-data';
  const { body: text } = await call('GET', `/v1/education/texts/lesson/${id}`, { key: dpo });
  const source = (text.source as string)
    .replace('\n---\n', '\npractises: [find-a-caller]\n---\n')
    .replace(/^version: \d+/m, 'version: 9');
  const published = await call('POST', '/v1/education/texts', {
    key: dpo,
    body: { kind: 'lesson', source, replaces: text.versions.at(-1).hash, material: true },
  });
  assert.equal(published.status, 201, JSON.stringify(published.body));
  const { body: assigned } = await call('GET', '/v1/education/mine', { cookie });
  assert.ok(assigned.duties.length > 0);
  const quiz = await passCourse(world.two, cookie, id);
  assert.deepEqual([quiz.passed, quiz.exercises], [true, ['find-a-caller']]);
  const { body } = await begin(cookie, 'find-a-caller');
  await search(cookie, { phone: phoneIn(body) });

  const graded = await handIn(cookie, body.try.id as string);

  assert.deepEqual([graded.body.verdict, graded.body.courses], ['passed', [id]]);
  assert.equal((await passCourse(world.two, cookie, id)).exercises.length, 0, 'the next time the quiz is enough');
});

test('begun on two servers at once it is one try, and what the other set up is gone', async () => {
  const { cookie } = await world.somebody(['support']);
  // whom nobody is shown, but who is there
  const ofNoTry = async (): Promise<number> => {
    const [row] = await world.two.fresh.db`
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
  const mine = (await world.two.entriesOf('education.exercise.hand-in')).filter(({ detail }) => detail.try === id);
  assert.equal(mine.length, 1);
});

test('a server that dies between the grade and its end has graded nothing: handed in again, the same entries pass', async () => {
  const { cookie } = await world.somebody(['support']);
  const { db } = world.two.fresh;
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
  const mine = (await world.two.entriesOf('education.exercise.hand-in')).filter(({ detail }) => detail.try === id);
  assert.equal(mine.length, 1);
});

test('customers of exercises are in no export, and of one that nobody ended nothing is left when its time is over', async () => {
  const { cookie } = await world.somebody(['support']);
  const { body } = await begin(cookie, 'find-a-caller');
  const key = (await world.two.newKey('dpo')).key;
  const response = await fetch(`${world.two.urls[0]}/v1/vault/export?collection=customer&fields=phone`, {
    headers: { authorization: `Bearer ${key}`, 'strongroom-purpose': 'legal.request' },
  });
  const lines = (await response.text()).replaceAll(' ', '');
  assert.equal(response.status, 200, lines);
  assert.ok(lines.includes('+49') && !lines.includes(phoneIn(body).replaceAll(' ', '').slice(-9)), lines);

  await world.two.fresh.db`alter table education.exercise_tries disable trigger exercise_tries_once`;
  await world.two.fresh
    .db`update education.exercise_tries set ends_at = now() - interval '1 second' where state = 'open'`;
  await world.two.fresh.db`alter table education.exercise_tries enable trigger exercise_tries_once`;
  assert.equal((await handIn(cookie, body.try.id as string)).body.code, 'EDUCATION_TRY_OVER');
  await tidy();
  assert.equal((await search(cookie, { phone: phoneIn(body) })).status, 403);
  const [left] = await world.two.fresh.db`
    select count(*)::int as n from vault.records join education.exercise_customers using (subject_id) join education.exercise_tries using (try_id) where state <> 'open'`;
  assert.equal(left?.n, 0);
});

test('a try that has ended stays as it ended, whoever writes to the table', async () => {
  const { db } = world.two.fresh;
  await assert.rejects(db`update education.exercise_tries set state = 'passed' where state <> 'open'`, /ends once/);
  await assert.rejects(db`update education.exercise_tries set started_entry = 0`, /ends once/);
  await assert.rejects(db`delete from education.exercise_customers`, /stays as it is/);
});

test('by the command line with a key of one’s own: begun, looked at, handed in; what the key does is none of it', async () => {
  const { body: made } = await call('POST', '/v1/access/keys', {
    cookie: world.admin.cookie,
    body: { name: 'own', role: 'support' },
  });
  const key = made.key as string;
  const run = (...args: string[]) => world.two.command(['exercises', ...args], { noun: 'education', key });

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
  assert.match(handed.out, /Not yet: 1 of 1 steps is missing/);
  assert.match((await run('show', 'find-a-caller')).out, /open until .*, as support; do it in the console/);
  assert.equal((await run('give-up', 'find-a-caller')).code, 0);
  const help = await run('--help');
  assert.match(help.out, /what counts is what you do signed in/);
});
