/** What bounds courses of cmi5 over HTTP: one session of a person at a time, so many requests and beginnings, and who may still write. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Json } from './testing.ts';
import { partsWorld, TWO } from './testing-courses.ts';
import { refused, unitOf, type Answer } from './testing-parts.ts';

const world = partsWorld();

test('whoever begins a part leaves those of other courses: no two of their tokens open anything at once', async () => {
  const { bea, at, begin, launch, unit, started, verbsOf } = world();
  const one = await started('leaves-1');
  const hers = await unit(await begin('leaves-1', bea), 0, bea);
  const two = await started('leaves-2');
  refused(await one.say('completed'), 401, /XAPI_TOKEN/);
  refused(await one.lrs('GET', 'activities/state', { query: one.state('LMS.LaunchData') }), 401, /XAPI_TOKEN/);
  assert.equal((await fetch(`${at}${one.page}`)).status, 404);
  assert.deepEqual(await verbsOf(one.run), ['launched', 'initialized', 'abandoned']);
  assert.equal((await two.say('completed')).status, 200);
  assert.equal((await hers.say('initialized')).status, 200, 'somebody else goes on');
  // both at once: one of them is left
  const both = await Promise.all([launch(one.run, 0), launch(two.run, 1)]);
  assert.deepEqual(both.map(({ status }) => status), [201, 201], JSON.stringify(both.map(({ body }) => body))); // prettier-ignore
  const open = await Promise.all(both.map(async ({ body }) => (await unitOf(at, body.url as string)).token !== null));
  assert.equal(open.filter(Boolean).length, 1);
});

test('a session has four requests at once: who sends more is told so before anything waits for them', async () => {
  const { staffed, started } = world();
  const one = await started('busy');
  const answers: Answer[] = [];
  const sent: Promise<unknown>[] = [];
  await staffed.two.fresh.db.begin(async (tx) => {
    await tx`select from education.course_runs where run_id = ${one.told.registration} for update`;
    for (let n = 0; n < 10; n++) sent.push(one.say('progressed', { category: [] }).then((answer) => answers.push(answer))); // prettier-ignore
    for (let tries = 0; tries < 6000 && answers.length < 6; tries++) await sleep(10);
    assert.deepEqual(answers.map(({ status }) => status), Array.from({ length: 6 }, () => 429)); // prettier-ignore
  });
  await Promise.all(sent);
  for (const answer of answers.slice(0, 6)) {
    refused(answer, 429, /XAPI_BUSY/);
    assert.equal(answer.headers.get('retry-after'), '1');
  }
  assert.deepEqual(answers.slice(6).map(({ status }) => status), [200, 200, 200, 200]); // prettier-ignore
  assert.equal((await one.say('completed')).status, 200, 'those that are over are not counted');
});

test('sixty parts an hour are begun by one person, and what is open goes on', async () => {
  const { staffed, bea, begin, launch, started } = world();
  const one = await started('often');
  await staffed.two.fresh.db`
    insert into education.part_sessions (session_id, run_id, person_id, part, mode, token, exchange, console, began_at, ends_at, state, ended_at)
    select gen_random_uuid(), run_id, person_id, 0, 'Normal', gen_random_uuid(), gen_random_uuid(), 'x', began_at, ends_at, 'terminated', began_at
    from education.part_sessions, generate_series(1, 59) where run_id = ${one.told.registration} and state = 'open'`;
  const more = await launch(one.run, 1);
  assert.deepEqual([more.status, more.body.code], [429, 'EDUCATION_PARTS_MANY'], JSON.stringify(more.body));
  const wait = Number(more.headers.get('retry-after'));
  assert.ok(wait > 3000 && wait <= 3600, String(wait));
  assert.equal((await one.say('completed')).status, 200);
  assert.equal((await launch(await begin('often', bea), 0, bea)).status, 201);
  await staffed.two.fresh.db`delete from education.part_sessions where mode = 'Normal' and console = 'x'`;
});

test('an end whose answer was lost is answered again, and opens nothing', async () => {
  const { started, verbsOf } = world();
  const one = await started('again');
  const all = [one.of('completed'), one.of('terminated')];
  const end = all[1] as Json;
  assert.equal((await one.lrs('POST', 'statements', { body: all })).status, 200);
  assert.deepEqual((await one.lrs('POST', 'statements', { body: all })).body, all.map(({ id }) => id)); // prettier-ignore
  assert.equal((await one.lrs('PUT', 'statements', { query: { statementId: end.id as string }, body: end })).status, 204); // prettier-ignore
  const other = { ...end, result: { duration: 'PT9M' } };
  for (const body of [other, { ...end, id: randomUUID() }, [end, one.of('progressed', { category: [] })], []])
    refused(await one.lrs('POST', 'statements', { body }), 401, /XAPI_TOKEN/);
  refused(await one.lrs('GET', 'statements'), 401, /XAPI_TOKEN/);
  refused(await one.lrs('GET', 'agents', { query: { agent: one.told.actor } }), 401, /XAPI_TOKEN/);
  refused(await one.lrs('PUT', 'activities/state', { query: one.state('x'), body: {} }), 401, /XAPI_TOKEN/);
  assert.deepEqual(await verbsOf(one.run), ['launched', 'initialized', 'completed', 'terminated']);
});

test('who works here no more writes nothing, whatever token they still have', async () => {
  const { staffed, call, take, unit } = world();
  assert.equal((await take('left-us', TWO)).status, 201);
  const cleo = await staffed.somebody(['support']);
  const one = await unit((await call('POST', '/courses/left-us/runs', { cookie: cleo.cookie })).body, 0, cleo);
  assert.equal((await one.say('initialized')).status, 200);
  assert.equal((await one.lrs('PUT', 'activities/state', { query: one.state('x'), body: {} })).status, 204);
  const path = `/v1/access/people/${cleo.id}/disable`;
  const gone = await staffed.two.call('POST', path, { cookie: staffed.admin.cookie, body: { keys: 'revoke' } });
  assert.ok(gone.status < 300, JSON.stringify(gone.body));
  for (const verb of ['passed', 'failed', 'terminated']) refused(await one.say(verb), 401, /XAPI_TOKEN/);
  refused(await one.say('progressed', { category: [] }), 401, /XAPI_TOKEN/);
  refused(await one.lrs('PUT', 'activities/state', { query: one.state('x'), body: {} }), 401, /XAPI_TOKEN/);
  refused(await one.lrs('DELETE', 'activities/state', { query: one.state('x') }), 401, /XAPI_TOKEN/);
});

/** Until a statement of a server waits for a lock. */
async function waiting(like: string): Promise<void> {
  for (let tries = 0; tries < 6000; tries++) {
    const found = await world().staffed.two.fresh.db`
      select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like ${like}`;
    if (found.length > 0) return;
    await sleep(10);
  }
  throw new Error('nobody waits');
}

test('nothing is waived of a course that is passed, and a waiver waits for changes without the log', async () => {
  const { staffed, ada, call, take, begin, look } = world();
  assert.equal((await take('waive-once', TWO)).status, 201);
  const boss = await staffed.somebody(['dpo']);
  const waive = (part: number) => call('POST', `/courses/waive-once/parts/${part}/waive`, { cookie: boss.cookie, body: { person: ada.id, reason: 'Administrative' } }); // prettier-ignore
  assert.equal((await waive(0)).status, 204);
  const run = await begin('waive-once');
  const waits: ReturnType<typeof waive>[] = [];
  await staffed.two.fresh.db.begin(async (tx) => {
    await tx`select from education.change_head for update`;
    waits.push(waive(1));
    await waiting('%change_head%');
    await tx`select from audit.head for update`;
  });
  assert.equal((await waits[0])?.status, 204);
  assert.equal((await look(run)).state, 'passed');
  const again = await waive(1);
  assert.deepEqual([again.status, again.body.code], [409, 'EDUCATION_PART_DONE']);
  assert.equal((await staffed.two.fresh.db`select from education.course_runs where course = 'waive-once'`).count, 1);
});

test('the sweep leaves what nobody ended, also after one that nobody can read, and nothing that has just begun', async () => {
  const { staffed, started, unit, verbsOf } = world();
  const { db } = staffed.two.fresh;
  const lapse = async (run: string): Promise<void> => {
    await db`alter table education.part_sessions disable trigger part_sessions_once`;
    await db`update education.part_sessions set ends_at = began_at + interval '1 millisecond' where state = 'open' and run_id = ${run}`;
    await db`alter table education.part_sessions enable trigger part_sessions_once`;
  };
  const one = await started('swept');
  await lapse(one.told.registration);
  const [strange, unread] = [randomUUID(), randomUUID()];
  await db`
    insert into education.course_runs (run_id, person_id, course, hash, token, console, began_at, ends_at)
    values (${strange}, ${randomUUID()}, 'swept', 'nothing', ${randomUUID()}, 'x', now() - interval '3 days', now() + interval '1 day')`;
  await db`
    insert into education.part_sessions (session_id, run_id, person_id, part, mode, token, exchange, console, began_at, ends_at)
    values (${unread}, ${strange}, ${randomUUID()}, 0, 'Normal', ${randomUUID()}, ${randomUUID()}, 'x', now() - interval '3 days', now() - interval '2 days')`;
  await staffed.two.systems[1].education.sweep();
  assert.deepEqual(await verbsOf(one.run), ['launched', 'initialized', 'abandoned']);
  assert.equal((await db`select from education.part_sessions where session_id = ${unread} and state = 'abandoned'`).count, 1); // prettier-ignore

  const two = await unit(one.run, 0);
  await lapse(two.told.registration);
  // begun while the sweep waits for its run
  const waits: Promise<void>[] = [];
  await db.begin(async (tx) => {
    await tx`select from education.course_runs where run_id = ${two.told.registration} for update`;
    waits.push(staffed.two.systems[1].education.sweep());
    await waiting('%course_runs%for update%');
    await tx`update education.part_sessions set state = 'abandoned', ended_at = now() where state = 'open' and run_id = ${two.told.registration}`;
    await tx`
      insert into education.part_sessions (session_id, run_id, person_id, part, mode, token, exchange, console, began_at, ends_at)
      select ${randomUUID()}, run_id, person_id, 0, 'Normal', ${randomUUID()}, ${randomUUID()}, 'x', now(), now() + interval '1 hour' from education.part_sessions
      where run_id = ${two.told.registration} limit 1`;
  });
  await waits[0];
  assert.equal((await db`select from education.part_sessions where state = 'open' and run_id = ${two.told.registration}`).count, 1); // prettier-ignore
});
