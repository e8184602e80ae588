/** The LRS of courses over HTTP: it takes what is of the session, as xAPI and cmi5 have it, and nothing else. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import type { Json } from './testing.ts';
import { au, partsWorld, TWO } from './testing-courses.ts';
import { refused, unitOf, type Unit } from './testing-parts.ts';

const world = partsWorld();

test('a statement is of its own actor, registration, session and activity, or it is refused', async () => {
  const { bea, at, faults, begin, launch, unit, started, verbsOf } = world();
  const one = await started('own');
  const other = await unit(await begin('own', bea), 0, bea);
  for (const [change, says] of [
    [{ more: { actor: JSON.parse(other.told.actor) } }, /another one than this session/], [{ context: { registration: other.told.registration } }, /registration is another/],
    [{ context: { extensions: (other.launch as { contextTemplate: { extensions: Json } }).contextTemplate.extensions } }, /session id/], [{ context: { extensions: {} } }, /session id/],
    [{ object: { id: 'https://maker.example/au/1' } }, /not the activity of this session/], [{ object: { id: `${one.told.activityId}/x` } }, /not the activity/],
  ] as const) refused(await one.say('passed', change), 403, says); // prettier-ignore
  const second = (await unitOf(at, (await launch(await begin('own', bea), 1, bea)).body.url as string)).told.activityId;
  refused(await one.say('progressed', { category: [], object: { id: second } }), 403, /another part/);
  refused(await one.say('progressed', { category: [], object: { id: one.told.activityId.split('/parts/')[0] } }), 403, /another part/); // prettier-ignore
  refused(await one.say('progressed', { category: [], context: { contextActivities: {} } }), 400, /context template/);
  for (const verb of ['https://w3id.org/xapi/adl/verbs/satisfied', 'https://w3id.org/xapi/adl/verbs/waived', 'launched', 'https://example.org/x']) refused(await one.say(verb, { result: undefined as never }), 403, /not one that a part states/); // prettier-ignore
  refused(await one.say('voided', { category: [] }), 403, /nothing is voided/);
  for (const more of [{ actor: { mbox: 'mailto:ada@example.org' } }, { actor: { ...JSON.parse(one.told.actor) as object, name: 'Ada' } }, { object: { objectType: 'Agent', mbox: 'mailto:x@y.z' } }, { object: { objectType: 'StatementRef', id: randomUUID() } }, { id: 'x' }, { id: null }, { extra: 1 }, { timestamp: 'yesterday' }, { timestamp: null }, { authority: 1 }, { version: '0.9' }, { verb: {} }])
    refused(await one.lrs('POST', 'statements', { body: one.of('progressed', { category: [], more }) }), 400, /XAPI_INVALID/); // prettier-ignore
  assert.deepEqual(await verbsOf(one.run), ['launched', 'initialized']);
  assert.deepEqual(faults, []);
});

test('verbs come in their order, once, and say what their score says', async () => {
  const { take, begin, unit, look, verbsOf } = world();
  assert.equal((await take('ordered', TWO)).status, 201);
  const run = await begin('ordered');
  const one = await unit(run, 0);
  refused(await one.say('progressed', { category: [] }), 400, /nothing comes before/);
  refused(await one.say('passed'), 400, /nothing comes before/);
  assert.equal((await one.say('initialized')).status, 200);
  refused(await one.say('initialized'), 400, /in this session/);
  refused(
    await one.say('passed', { result: { success: true, duration: 'PT1S', score: { scaled: 0.79 } } }),
    400,
    /masteryScore/,
  );
  refused(await one.say('passed', { result: { success: true, duration: 'PT1S', score: { raw: 7, min: 0, max: 10 } } }), 400, /masteryScore/); // prettier-ignore
  refused(await one.say('failed', { result: { success: false, duration: 'PT1S', score: { scaled: 0.8 } } }), 400, /masteryScore/); // prettier-ignore
  refused(await one.say('passed', { result: { success: false, duration: 'PT1S' } }), 400, /success/);
  refused(await one.say('passed', { result: { success: true } }), 400, /duration/);
  refused(await one.say('passed', { result: { success: true, duration: '5 minutes' } }), 400, /duration/);
  refused(
    await one.say('completed', { result: { completion: true, duration: 'PT1S', score: { scaled: 1 } } }),
    400,
    /score/,
  );
  refused(await one.say('completed', { category: ['https://w3id.org/xapi/cmi5/context/categories/cmi5'] }), 400, /moveOn/); // prettier-ignore
  refused(await one.say('completed', { at: '2001-01-01T00:00:00Z' }), 400, /before that of/);
  refused(await one.say('completed', { at: new Date().toISOString().replace('Z', '+02:00') }), 400, /UTC/);
  refused(await one.say('progressed', { category: [], result: { extensions: { 'https://w3id.org/xapi/cmi5/result/extensions/progress': 101 } } }), 400, /progress/); // prettier-ignore
  // "passed" without the category of cmi5 is a word like any other
  assert.equal((await one.say('passed', { category: [] })).status, 200);
  assert.equal((await one.say('completed', { category: [] })).status, 200);
  assert.equal(((await look(run)).parts as Json[])[0]?.state, 'open');
  assert.equal((await one.say('failed')).status, 200);
  refused(await one.say('passed'), 400, /once/);
  assert.equal(((await look(run)).parts as Json[])[0]?.state, 'failed');
  // all or none of a request
  refused(await one.lrs('POST', 'statements', { body: [one.of('completed'), one.of('launched')] }), 403, /not one/);
  assert.equal((await one.say('terminated')).status, 200);
  assert.deepEqual((await verbsOf(run)).filter((verb) => verb === 'completed').length, 1);

  const again = await unit(run, 0);
  for (const verb of ['initialized', 'completed', 'passed', 'terminated']) assert.equal((await again.say(verb)).status, 200, verb); // prettier-ignore
  const looks = await unit(run, 0);
  assert.equal(looks.launch['launchMode'], 'Review');
  assert.equal((await looks.say('initialized')).status, 200);
  refused(await looks.say('failed'), 403, /Review/);
});

test('a statement stays as it was: the same one again changes nothing, another one of its id is refused', async () => {
  const { staffed, bea, begin, unit, started } = world();
  const one = await started('stays');
  const sent = one.of('progressed', { category: [], result: { response: 'what somebody typed' } });
  const id = sent.id as string;
  assert.equal((await one.lrs('PUT', 'statements', { query: { statementId: id }, body: sent })).status, 204);
  assert.equal((await one.lrs('POST', 'statements', { body: { ...sent, verb: { ...(sent.verb as Json), display: { en: 'y' } } } })).status, 200); // prettier-ignore
  refused(await one.lrs('POST', 'statements', { body: { ...sent, result: { response: 'something else' } } }), 409, /XAPI_CONFLICT/); // prettier-ignore
  refused(await one.lrs('PUT', 'statements', { query: { statementId: randomUUID() }, body: sent }), 400, /another one/);
  refused(await one.lrs('POST', 'statements', { body: [one.of('x:a', { category: [], more: { id } }), one.of('x:a', { category: [], more: { id } })] }), 400, /the same id/); // prettier-ignore
  const read = await one.lrs('GET', 'statements', { query: { statementId: id } });
  assert.deepEqual([read.status, (read.body.result as Json).response, (read.body.authority as { account: Json }).account.name], [200, 'what somebody typed', 'strongroom']); // prettier-ignore
  assert.ok(read.headers.get('x-experience-api-consistent-through') !== null);
  const head = await one.lrs('HEAD', 'statements', { query: { statementId: id } });
  assert.deepEqual([head.status, head.text], [200, '']);
  for (const change of ['update education.part_statements set verb = verb', 'delete from education.part_statements', 'truncate education.part_statements'])
    await assert.rejects(staffed.two.fresh.db.unsafe(change), /refused|stay/, change); // prettier-ignore

  const other = await unit(await begin('stays', bea), 0, bea);
  refused(await other.lrs('GET', 'statements', { query: { statementId: id } }), 404, /XAPI_NOT_FOUND/);
  const all = async (query: Record<string, string>) => (await one.lrs('GET', 'statements', { query })).body as { statements: Json[]; more: string }; // prettier-ignore
  assert.equal((await all({})).statements.length, 3);
  const page = await all({ limit: '2', ascending: 'true' });
  assert.deepEqual([page.statements.length, page.more.startsWith('/xapi/statements?')], [2, true]);
  assert.equal(Array.isArray((await one.lrs('GET', page.more.slice('/xapi/'.length))).body.statements), true);
  assert.equal((await all({ verb: 'http://adlnet.gov/expapi/verbs/progressed' })).statements.length, 1);
  refused(await one.lrs('GET', 'statements', { query: { agent: other.told.actor } }), 403, /another one/);
  refused(await one.lrs('GET', 'statements', { query: { StatementId: id } }), 400, /none of/);
  // nothing that was typed is in the log
  assert.ok(!JSON.stringify(await staffed.two.entriesOf('education.part.begin')).includes('typed'));
});

test('what a part keeps is of its run and part; what is the learner’s own is changed on what was read', async () => {
  const { bea, begin, unit, started } = world();
  const one = await started('keeps');
  const other = await unit(await begin('keeps', bea), 0, bea);
  const put = (method: string, name: string, body: unknown, headers = {}) => one.lrs(method, 'activities/state', { query: one.state(name), body, headers }); // prettier-ignore
  assert.equal((await put('PUT', 'bookmark', { page: 1, of: 2 })).status, 204);
  assert.equal((await put('POST', 'bookmark', { page: 2 })).status, 204);
  const read = await one.lrs('GET', 'activities/state', { query: one.state('bookmark') });
  assert.deepEqual(read.body, { page: 2, of: 2 });
  // deep enough to be read, and too deep to be written
  const deep = `{"deep":${'['.repeat(60_000)}${']'.repeat(60_000)}}`;
  refused(await put('POST', 'bookmark', deep, { 'content-type': 'application/json' }), 400, /XAPI_INVALID/);
  const etag = read.headers.get('etag') as string;
  assert.match(etag, /^"[0-9a-f]{40}"$/);
  refused(await put('PUT', 'bookmark', { page: 3 }, { 'if-match': '"0000"' }), 412, /XAPI_STALE/);
  refused(await put('PUT', 'bookmark', { page: 3 }, { 'if-none-match': '*' }), 412, /XAPI_STALE/);
  assert.equal(
    (await put('PUT', 'bookmark', 'page 3', { 'content-type': 'text/plain', 'if-match': etag })).status,
    204,
  );
  refused(await put('POST', 'bookmark', { page: 4 }), 400, /application\/json/);
  const { stateId: _stateId, ...all } = one.state('');
  assert.deepEqual((await one.lrs('GET', 'activities/state', { query: all })).body, ['bookmark', 'LMS.LaunchData']);
  for (const method of ['PUT', 'POST']) refused(await put(method, 'LMS.LaunchData', { launchMode: 'Normal', masteryScore: 0 }), 403, /never written/); // prettier-ignore
  refused(await one.lrs('DELETE', 'activities/state', { query: one.state('LMS.LaunchData') }), 403, /never written/);
  refused(await put('PUT', 'large', 'x'.repeat(262_145)), 413, /XAPI_TOO_LARGE/);
  for (const [more, status] of [[{ agent: other.told.actor }, 403], [{ registration: other.told.registration }, 403], [{ activityId: 'https://x.example/y' }, 403], [{ agent: '{}' }, 400], [{ registration: 'x' }, 400]] as const)
    assert.equal((await one.lrs('GET', 'activities/state', { query: one.state('bookmark', more) })).status, status, JSON.stringify(more)); // prettier-ignore
  refused(await other.lrs('GET', 'activities/state', { query: other.state('bookmark') }), 404, /XAPI_NOT_FOUND/);
  assert.equal((await one.lrs('DELETE', 'activities/state', { query: all })).status, 204);
  refused(await one.lrs('GET', 'activities/state', { query: one.state('bookmark') }), 404, /XAPI_NOT_FOUND/);

  const profile = (method: string, profileId: string, body?: unknown, headers = {}, who: Unit = one) => who.lrs(method, 'agents/profile', { query: { agent: who.told.actor, profileId }, ...(body === undefined ? {} : { body }), headers }); // prettier-ignore
  const wish = { languagePreference: 'de-AT,en', audioPreference: 'off' };
  refused(await profile('GET', 'cmi5LearnerPreferences'), 404, /XAPI_NOT_FOUND/);
  assert.equal((await profile('PUT', 'cmi5LearnerPreferences', wish)).status, 204);
  refused(await profile('PUT', 'cmi5LearnerPreferences', wish), 409, /XAPI_CONFLICT/);
  for (const bad of [{ audioPreference: 'loud' }, { languagePreference: 'x y' }, { ...wish, name: 'Ada' }, []]) refused(await profile('PUT', 'cmi5LearnerPreferences', bad, { 'if-match': '*' }), 400, /nothing else|no object/); // prettier-ignore
  assert.equal((await profile('PUT', 'other', { a: 1 }, { 'if-none-match': '*' })).status, 204);
  const elsewhere = await started('keeps-2', au(1, 'moveOn="Passed"'));
  assert.deepEqual(
    (await profile('GET', 'cmi5LearnerPreferences', undefined, {}, elsewhere)).body,
    wish,
    'of all courses',
  );
  refused(await profile('GET', 'other', undefined, {}, elsewhere), 404, /XAPI_NOT_FOUND/);
});

test('what else there is: about, activities, agents; versions, methods and sizes are bounded', async () => {
  const { staffed, faults, started } = world();
  const one = await started('else');
  const { activityId } = one.told;
  assert.deepEqual((await one.lrs('GET', 'about', { headers: { 'authorization': '', 'x-experience-api-version': '' } })).body, { version: ['1.0.3'] }); // prettier-ignore
  assert.equal((await one.lrs('GET', 'activities', { query: { activityId } })).body.id, activityId);
  refused(await one.lrs('GET', 'activities', { query: { activityId: 'https://x.example/y' } }), 403, /another one/);
  assert.equal((await one.lrs('GET', 'agents', { query: { agent: one.told.actor } })).body.objectType, 'Person');
  assert.deepEqual((await one.lrs('GET', 'activities/profile', { query: { activityId } })).body, []);
  refused(
    await one.lrs('PUT', 'activities/profile', { query: { activityId, profileId: 'x' }, body: {} }),
    403,
    /method/,
  );
  for (const version of ['', '0.95', '2.0.0']) refused(await one.lrs('GET', 'agents', { query: { agent: one.told.actor }, headers: { 'x-experience-api-version': version } }), 400, /Version/); // prettier-ignore
  assert.equal((await one.lrs('GET', 'agents', { query: { agent: one.told.actor }, headers: { 'x-experience-api-version': '1.0' } })).status, 200); // prettier-ignore
  refused(await one.lrs('GET', 'statements', { query: { verb: 'a\0b' } }), 400, /verb/);
  refused(await one.lrs('GET', 'activities/state', { query: one.state('a\0b') }), 400, /stateId/);
  for (const path of ['', 'nothing', 'constructor', '__proto__', 'statements/x']) refused(await one.lrs('GET', path), 404, /NOT_FOUND/); // prettier-ignore
  const many = Array.from({ length: 51 }, () => one.of('x:a', { category: [] }));
  refused(await one.lrs('POST', 'statements', { body: many }), 413, /at most 50/);
  refused(await one.say('x:a', { category: [], result: { response: 'x'.repeat(70_000) } }), 413, /at most 65536/);
  refused(await one.lrs('POST', 'statements', { body: 'x'.repeat(600_000) }), 413, /at most 524288/);
  for (const body of ['', '{', '"x"', '[[]]', '[null]', `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`]) refused(await one.lrs('POST', 'statements', { body }), 400, /XAPI_INVALID/); // prettier-ignore
  refused(await one.lrs('POST', 'statements', { body: one.of('x:a'), headers: { 'content-type': 'multipart/mixed; boundary=x' } }), 400, /application\/json/); // prettier-ignore
  await staffed.two.fresh.db`
    insert into education.part_statements (run_id, statement_id, seq, session_id, part, kind, verb, object, said_at, stored_at, sha256, statement)
    select ${one.told.registration}, gen_random_uuid(), n, gen_random_uuid(), 0, 'allowed', 'x:a', 'x:b', now(), now(), '', '{}' from generate_series(1001, 4000) n`;
  refused(await one.say('x:a', { category: [] }), 413, /at most 3000/);
  assert.equal((await one.say('completed')).status, 200, 'what it is passed by is never too much');
  const deep = { result: { extensions: { 'x:a': JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as unknown } } };
  refused(await one.say('x:a', { category: [], ...deep }), 400, /XAPI_INVALID/);
  const odd = (more: object, text: string) => one.lrs('POST', 'statements', { body: JSON.stringify(one.of('x:a', { category: [], more })).replace('"ODD"', text) }); // prettier-ignore
  refused(await odd({ authority: { a: 'ODD' } }, `${'['.repeat(60_000)}${']'.repeat(60_000)}`), 400, /XAPI_INVALID/);
  refused(await odd({ result: { extensions: { 'x:a': 'ODD' } } }, '1e999'), 400, /XAPI_INVALID/);
  for (const character of ['\\u0000', '\\u0001', '\\uD800']) refused(await odd({ verb: { id: 'ODD' } }, `"x:${character}"`), 400, /XAPI_INVALID/); // prettier-ignore
  assert.deepEqual(faults, []);
});
