/** What is asked for in exercises, on made-up customers: grants, reports, customers’ requests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { comeIn, type Json } from './testing.ts';
import { exerciseRoom, grantFor, phoneIn } from './testing-exercises.ts';

const { world, call, begin, handIn, search, tidy } = exerciseRoom();

test('just enough is asked for on the made-up customer: nobody is told of it, and it ends with the try', async () => {
  const { cookie } = await world().somebody(['support']);
  const { body } = await begin(cookie, 'ask-for-a-grant');
  const found = await search(cookie, { phone: phoneIn(body) }, 'service.support');
  const { subjectId } = found.body.records[0] as Json;
  const ask = grantFor(subjectId);

  const asked = await call('POST', '/v1/access/requests', { cookie, body: ask });

  assert.equal(asked.status, 201, JSON.stringify(asked.body));
  assert.equal((await world().two.entriesOf('access.grant.request')).at(-1)?.detail.exercise, true);
  const graded = await handIn(cookie, body.try.id as string);
  assert.equal(graded.body.verdict, 'passed', JSON.stringify(graded.body));
  assert.equal((await world().two.entriesOf('access.grant.cancel')).at(-1)?.detail.grant, asked.body.id);
});

test('an odd line is reported as one of the exercise: the log has it, no incident is opened, and a real report is none of it', async () => {
  const { cookie } = await world().somebody(['support']);
  const { body } = await begin(cookie, 'report-an-odd-export');
  const { id, planted } = body.try as Json;
  assert.equal(planted.length, 3);
  const marked = (await world().two.entriesOf('education.exercise.planted')).slice(-3);
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
    (await world().two.entriesOf('education.report')).filter(({ detail }) => detail.incident !== undefined).length;
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
  const { cookie } = await world().somebody(['support']);
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
  const { cookie } = await world().somebody(['dpo']);
  const { cookie: taught } = await world().somebody(['dpo'], comeIn);
  // answers take a passkey of this moment
  await world().two.fresh.db`update access.sessions set phishing_resistant = true`;
  const taken = await call('POST', '/v1/privacy/requests', {
    cookie: taught,
    body: { subject: world().subjectId, kind: 'access', how: 'letter' },
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
    ['POST', '/v1/privacy/requests', { subject: world().subjectId, kind: 'access', how: 'letter' }],
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
  const { cookie } = await world().somebody(['security']);
  const { cookie: other } = await world().somebody(['dpo'], comeIn);
  await world().two.fresh.db`update access.sessions set phishing_resistant = true`;
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
  const [left] = await world().two.fresh
    .db`select count(*)::int as n from access.grants where requested_by = 'exercise' and state in ('pending', 'approved')`;
  assert.equal(left?.n, 0);
});

test('an objection of a made-up customer is carried out', async () => {
  const { cookie } = await world().somebody(['dpo']);
  await world().two.fresh.db`update access.sessions set phishing_resistant = true`;
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
