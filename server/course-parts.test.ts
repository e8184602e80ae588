/** Courses of cmi5 over HTTP: begun part by part, one at a time, by their learner, and passed by what the parts state. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Json } from './testing.ts';
import { ORIGIN, partsWorld, TWO } from './testing-courses.ts';
import { refused, SESSION, unitOf } from './testing-parts.ts';

const world = partsWorld();

test('a course is passed once each of its parts has what it asks for, and what was stated is there, in order', async () => {
  const { staffed, ada, officer, at, call, take, begin, unit, look, verbsOf, dutyOf } = world();
  const taken = await take('fire', TWO);
  assert.deepEqual([taken.status, taken.body.schema, taken.body.parts], [201, 'cmi5', 2], JSON.stringify(taken.body));
  const assigned = await call('POST', '/assignments', {
    key: officer,
    body: { people: [ada.id], kind: 'course', id: 'fire' },
  });
  assert.equal(assigned.status, 200, JSON.stringify(assigned.body));
  const run = await begin('fire');
  assert.deepEqual([run.url, (run.parts as Json[]).map(({ title: of, state }) => [of, state])], [null, [['A part', 'open'], ['A part', 'open']]]); // prettier-ignore

  const one = await unit(run, 0);
  const { account, ...agent } = JSON.parse(one.told.actor) as { account: Json; objectType: string };
  assert.deepEqual([agent, Object.keys(account)], [{ objectType: 'Agent' }, ['homePage', 'name']]);
  assert.ok(![ada.id, 'P 1', ada.email].some((known) => one.told.actor.includes(known)), 'a name that says nothing');
  assert.deepEqual(one.launch, {
    contextTemplate: { contextActivities: { grouping: [{ objectType: 'Activity', id: 'https://maker.example/au/1' }] }, extensions: { [SESSION]: (one.launch as { contextTemplate: { extensions: Json } }).contextTemplate.extensions[SESSION] } },
    launchMode: 'Normal', moveOn: 'CompletedAndPassed', returnURL: `${ORIGIN}/over`, masteryScore: 0.8, launchParameters: 'speed=3', entitlementKey: { courseStructure: 'k-1' },
  }); // prettier-ignore
  for (const verb of ['initialized', 'completed', 'passed']) assert.equal((await one.say(verb)).status, 200, verb);
  const seen = await look(run);
  assert.deepEqual([seen.state, seen.session, (seen.parts as Json[]).map(({ state }) => state)], ['open', 'open', ['satisfied', 'open']]); // prettier-ignore
  assert.equal((await one.say('terminated')).status, 200);
  assert.equal((await look(run)).session, 'over');
  assert.equal(await dutyOf('fire'), 'due');

  const two = await unit(run, 1);
  assert.equal((await two.lrs('POST', 'statements', { body: [two.of('initialized'), two.of('completed'), two.of('terminated')] })).status, 200); // prettier-ignore
  assert.equal((await look(run)).state, 'passed');
  assert.equal(await dutyOf('fire'), 'passed');
  assert.deepEqual(await verbsOf(run), ['launched', 'initialized', 'completed', 'passed', 'satisfied', 'terminated', 'launched', 'initialized', 'completed', 'terminated', 'satisfied']); // prettier-ignore
  const [entry] = (await staffed.two.entriesOf('education.course.pass')).filter(({ detail }) => detail.course === 'fire'); // prettier-ignore
  assert.deepEqual([entry?.actor.id, entry?.detail.evidence, entry?.detail.run], [ada.id, 'client', run.id]);
  // its pages stay for a look; its token does not
  assert.equal((await fetch(`${at}${two.page}`)).status, 200);
  refused(await two.say('progressed', { category: [] }), 401, /XAPI_TOKEN/);
  assert.equal((await fetch(`${at}/over`)).status, 200);
});

test('the token is handed out once, to a POST, and opens the LRS and nothing else', async () => {
  const { staffed, at, take, begin, launch, unit } = world();
  assert.equal((await take('once', TWO)).status, 201);
  const { body } = await launch(await begin('once'), 0);
  const address = new URL(new URL(body.url as string).searchParams.get('fetch') as string).pathname;
  assert.equal((await fetch(`${at}${address}`)).status, 405);
  const ask = async (path = address) => {
    const response = await fetch(`${at}${path}`, { method: 'POST' });
    return [response.status, response.headers.get('content-type'), ...Object.keys((await response.json()) as Json)];
  };
  const asked = (await Promise.all([ask(), ask(), ask()])).toSorted((a, b) => a.length - b.length);
  assert.deepEqual(asked, [[200, 'application/json', 'auth-token'], ...[1, 2].map(() => [200, 'application/json', 'error-code', 'error-text'])]); // prettier-ignore
  assert.deepEqual(await ask('/fetch/nothing'), [200, 'application/json', 'error-code', 'error-text']);

  const one = await unit(await begin('once'), 0);
  for (const scheme of ['Basic', 'Bearer'])
    for (const path of ['/v1/education/mine', '/v1/education/packages', '/v1/access/people'])
      assert.equal((await fetch(`${staffed.two.urls[1]}${path}`, { headers: { authorization: `${scheme} ${one.token}` } })).status, 401, path); // prettier-ignore
  refused(await one.lrs('GET', 'agents', { query: { agent: one.told.actor }, headers: { authorization: `Bearer ${one.token}` } }), 401, /XAPI_TOKEN/); // prettier-ignore
  refused(await one.lrs('GET', 'agents', { query: { agent: one.told.actor }, headers: { authorization: 'Basic bm90aGluZzp4' } }), 401, /XAPI_TOKEN/); // prettier-ignore
  // of another origin, nothing is answered that a browser would hand on
  const from = await fetch(`${at}/xapi/statements`, { method: 'OPTIONS', headers: { 'origin': 'https://evil.example', 'access-control-request-method': 'POST' } }); // prettier-ignore
  assert.deepEqual([...from.headers.keys()].filter((name) => name.startsWith('access-control')), []); // prettier-ignore
});

test('a part that is begun ends the one before it: its token and its pages are nobody’s, and nothing more is taken of it', async () => {
  const { staffed, at, launch, unit, started, verbsOf } = world();
  const one = await started('one-at-once');
  const two = await unit(one.run, 1);
  refused(await one.say('completed'), 401, /XAPI_TOKEN/);
  assert.equal((await fetch(`${at}${one.page}`)).status, 404);
  assert.equal((await two.say('initialized')).status, 200);
  assert.deepEqual(await verbsOf(one.run), ['launched', 'initialized', 'abandoned', 'launched', 'initialized']);
  // both at once: one of them is left
  const [first, second] = await Promise.all([launch(one.run, 0), launch(one.run, 1)]);
  const left = await Promise.all([first, second].map(async ({ body }) => (await unitOf(at, body.url as string)).token !== null)); // prettier-ignore
  assert.deepEqual(
    left.toSorted((a, b) => Number(a) - Number(b)),
    [false, true],
  );
  await assert.rejects(staffed.two.fresh.db`update education.part_sessions set state = 'open', ended_at = null where state = 'abandoned'`, /ends once/); // prettier-ignore
});

test('nobody begins, reads or tells of a run of somebody else, and a run of parts is told of by nobody', async () => {
  const { ada, bea, call, launch, started, look } = world();
  const one = await started('mine-alone');
  assert.equal((await launch(one.run, 0, bea)).body.code, 'EDUCATION_RUN_NOT_FOUND');
  assert.equal((await look(one.run, bea)).code, 'EDUCATION_RUN_NOT_FOUND');
  assert.equal((await call('GET', `/runs/${one.run.id}/statements`, { cookie: bea.cookie })).status, 404);
  const told = { status: 'passed', score: 100, saved: null };
  assert.equal((await call('POST', `/runs/${one.run.id}/result`, { cookie: ada.cookie, body: told })).body.code, 'EDUCATION_RUN_KIND'); // prettier-ignore
  assert.equal((await launch(one.run, 2)).body.code, 'EDUCATION_PART_NOT_FOUND');
  assert.equal((await look(one.run)).state, 'open');
});

test('somebody else may say that a part need not be taken, and nobody of themselves', async () => {
  const { staffed, ada, call, take, begin, look, verbsOf } = world();
  assert.equal((await take('waived', TWO)).status, 201);
  const waive = (part: number, sent: object, person = ada.id, course = 'waived') => call('POST', `/courses/${course}/parts/${part}/waive`, { ...sent, body: { person, reason: 'Tested Out' } }); // prettier-ignore
  const boss = await staffed.somebody(['dpo']);
  assert.equal((await waive(0, { cookie: ada.cookie })).status, 403);
  assert.equal((await waive(0, { cookie: boss.cookie }, boss.id)).body.code, 'EDUCATION_SECOND_EYES');
  assert.equal((await waive(9, { cookie: boss.cookie })).body.code, 'EDUCATION_PART_NOT_FOUND');
  assert.equal((await waive(0, { cookie: boss.cookie }, 'per_0')).body.code, 'EDUCATION_PERSON_NOT_FOUND');
  assert.equal((await waive(0, { cookie: boss.cookie })).status, 204);
  assert.equal((await waive(0, { cookie: boss.cookie })).body.code, 'EDUCATION_PART_DONE');
  const run = await begin('waived');
  assert.deepEqual((run.parts as Json[]).map(({ state }) => state), ['satisfied', 'open']); // prettier-ignore
  assert.deepEqual(await verbsOf(run), ['waived', 'satisfied']);
  assert.equal((await waive(1, { cookie: boss.cookie })).status, 204);
  assert.equal((await look(run)).state, 'passed');
  const [entry] = (await staffed.two.entriesOf('education.course.pass')).filter(({ detail }) => detail.course === 'waived'); // prettier-ignore
  assert.deepEqual([entry?.actor.id, entry?.detail.person], [boss.id, ada.id]);
});

test('who works here no more passes nothing, whatever token they still have', async () => {
  const { staffed, call, take, unit } = world();
  assert.equal((await take('leaver', TWO)).status, 201);
  const cleo = await staffed.somebody(['support']);
  const one = await unit((await call('POST', '/courses/leaver/runs', { cookie: cleo.cookie })).body, 0, cleo);
  assert.equal((await one.say('initialized')).status, 200);
  const path = `/v1/access/people/${cleo.id}/disable`;
  const gone = await staffed.two.call('POST', path, { cookie: staffed.admin.cookie, body: { keys: 'revoke' } });
  assert.ok(gone.status < 300, JSON.stringify(gone.body));
  refused(await one.say('passed'), 401, /XAPI_TOKEN/);
});

test('a session that nobody ends is abandoned once its time is over, and its token with it', async () => {
  const { staffed, at, started, verbsOf } = world();
  const one = await started('left');
  await staffed.two.fresh.db`alter table education.part_sessions disable trigger part_sessions_once`;
  await staffed.two.fresh.db`update education.part_sessions set ends_at = began_at + interval '1 millisecond' where state = 'open' and run_id = ${one.told.registration}`; // prettier-ignore
  await staffed.two.fresh.db`alter table education.part_sessions enable trigger part_sessions_once`;
  refused(await one.say('completed'), 401, /XAPI_TOKEN/);
  assert.equal((await fetch(`${at}${one.page}`)).status, 404);
  await staffed.two.systems[1].education.sweep();
  assert.deepEqual(await verbsOf(one.run), ['launched', 'initialized', 'abandoned']);
});
