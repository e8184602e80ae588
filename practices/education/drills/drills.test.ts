/** A drill on a database with two servers: what comes when, who may do what, and what came of it for access. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parsePublicId, type Uuid } from '#platform/ids';

import type { Education } from '../education.ts';
import { byPerson, DAY_MS, educationWorlds, later, START, type EducationWorld } from '../testing-gate.ts';
import { begin, isFailure, look, minutes, placeOf, play, scopeOf } from '../testing-drills.ts';

const { world, fresh } = educationWorlds();
const asks = { courses: [], policies: [], drills: ['stolen-laptop'] };

test('a role asks for a drill: never taken is shut, passed is open on the other server at once, lapses by time, failed is shut', async () => {
  const { one, other, hire, effect, set } = await world('a', asks);
  const ada = hire();
  assert.deepEqual([await effect(ada, one), await effect(ada, other)], ['denied', 'denied']);
  await one.gate.refresh();
  const { lacks } = await one.gate.trainingOf(ada, 'a', asks);
  assert.deepEqual(lacks.map(({ kind, id, state, url }) => [kind, id, state, url]), [['drill', 'stolen-laptop', 'assigned', '/v1/education/drills/about/stolen-laptop']]); // prettier-ignore

  const view = await play(one, ada, await begin(one, [ada]), true);
  assert.deepEqual([view.state, view.score?.total, view.score?.scope?.precision, view.score?.scope?.recall], ['passed', 1, 1, 1]); // prettier-ignore
  assert.deepEqual([await effect(ada, other), await effect(ada, one)], ['open', 'open']);

  // it holds for 120 days, and then the days of grace
  set(later(START, 121));
  assert.equal(await effect(ada), 'masked');
  set(later(START, 131));
  assert.equal(await effect(ada), 'denied');
  const again = await play(one, ada, await begin(one, [ada]), true);
  assert.equal(again.state, 'passed');
  assert.equal(await effect(ada, other), 'open');
  const failed = await play(other, ada, await begin(other, [ada]), false);
  assert.deepEqual([failed.state, failed.score?.passed], ['failed', false]);
  assert.deepEqual([await effect(ada, one), await effect(ada, other)], ['denied', 'denied']);
  await one.gate.refresh();
  assert.equal((await one.gate.trainingOf(ada, 'a', asks)).lacks[0]?.state, 'revoked');
});

test('the score of a planted breach is exact: who asks for more, for less, or for somebody else', async () => {
  const { one, hire } = await world('b', asks);
  const scoreOf = async (from: number, who: readonly number[]): Promise<readonly (number | undefined)[]> => {
    const ada = hire();
    const id = await begin(one, [ada]);
    const by = byPerson(ada);
    await one.drills.join(by, ada, id);
    for (let view = await look(one, ada, id); view.breach === null; view = await look(one, ada, id)) {
      for (const { id: inject, decide } of view.injects)
        if (decide?.decided === null) await one.drills.decide(by, ada, id, inject, 0);
      await one.drills.next(by, ada, id);
    }
    await one.drills.scope(by, ada, id, scopeOf(await look(one, ada, id), -600, [1]));
    // the last answer counts, and no other
    await one.drills.scope(by, ada, id, scopeOf(await look(one, ada, id), from, who));
    await finish(one, ada, id);
    const scope = (await look(one, ada, id)).score?.scope;
    return [scope?.found, scope?.hit, scope?.concerned, scope?.precision, scope?.recall];
  };

  // 15 to 25 and 34 to 37 are concerned
  assert.deepEqual(await scoreOf(-90, [0]), [15, 15, 15, 1, 1]);
  assert.deepEqual(await scoreOf(-600, [0]), [23, 15, 15, 15 / 23, 1], 'a morning of work too much');
  assert.deepEqual(await scoreOf(-30, [0]), [4, 4, 15, 1, 4 / 15], 'too late a beginning');
  assert.deepEqual(await scoreOf(-90, [0, 1]), [23, 15, 15, 15 / 23, 1], 'a colleague who was at a desk');
  assert.deepEqual(await scoreOf(-90, [1]), [8, 0, 15, 0, 0]);
});

async function finish(one: Education, person: string, id: string): Promise<void> {
  const by = byPerson(person);
  for (let view = await look(one, person, id); view.score === null; view = await look(one, person, id)) {
    for (const { id: inject, decide } of view.injects)
      if (decide?.decided === null) await one.drills.decide(by, person, id, inject, 0);
    await one.drills.next(by, person, id);
  }
}

test('injects come by the clock; what has not come is not decided, and nothing after the end; nothing right is told before', async () => {
  const { one, other, hire, set } = await world('c', asks);
  const ada = hire();
  const by = byPerson(ada);
  const id = await begin(one, [ada]);
  await assert.rejects(one.drills.decide(by, ada, id, 'call', 0), isFailure('DRILL_NOT_IN'));
  await one.drills.join(by, ada, id);

  const first = await look(one, ada, id);
  assert.deepEqual([first.injects.map((each) => each.id), first.nextMinute, first.breach, first.debrief, first.score], [['call'], 4, null, null, null]); // prettier-ignore
  assert.ok(!JSON.stringify(first).includes('nothing is lost if the bag'), 'why it is right comes when it is over');
  for (const inject of ['log', 'customers', 'nothing']) await assert.rejects(one.drills.decide(by, ada, id, inject, 0), isFailure('DRILL_NOT_YET')); // prettier-ignore
  await assert.rejects(one.drills.scope(by, ada, id, { actors: ['key_x'], grants: [], requests: [], from: START, to: START }), isFailure('DRILL_NOT_YET')); // prettier-ignore
  await assert.rejects(one.drills.next(by, ada, id), isFailure('DRILL_UNDECIDED'));
  await assert.rejects(one.drills.decide(by, ada, id, 'call', 9), isFailure('DRILL_INVALID'));

  set(minutes(START, 16));
  const later_ = await look(other, ada, id);
  assert.deepEqual(later_.injects.map((each) => each.id), ['call', 'log', 'team', 'authority']); // prettier-ignore
  // minute 16 is eight hours of the story
  assert.equal(later_.storyAt, new Date(START.getTime() + 8 * 3_600_000).toISOString());
  assert.equal(later_.clocks.find(({ id: each }) => each === 'gdpr-33')?.hoursLeft, 66);
  await other.drills.decide(by, ada, id, 'authority', placeOf(later_, 'authority', true));
  assert.equal((await look(one, ada, id)).clocks.find(({ id: each }) => each === 'gdpr-33')?.state, 'decided');

  set(minutes(START, 26));
  await assert.rejects(one.drills.decide(by, ada, id, 'customers', 0), isFailure('DRILL_OVER'));
  for (const late of [() => one.drills.join(by, ada, id), () => one.drills.next(by, ada, id), () => one.drills.stop(by, ada, id)]) await assert.rejects(late, isFailure('DRILL_OVER')); // prettier-ignore
  const over = await look(one, ada, id);
  assert.deepEqual([over.state, over.endsAt, over.score?.decisions.map(({ chose, right }) => [chose !== null, right])], ['failed', minutes(START, 25).toISOString(), [[false, false], [false, false], [false, false], [true, true], [false, false]]]); // prettier-ignore
  await one.drills.note(by, ada, id, 'Who is rung at night?');
  assert.deepEqual((await look(other, ada, id)).notes.map(({ text }) => text), ['Who is rung at night?']); // prettier-ignore
}); // prettier-ignore

test('a server that dies in the middle loses nothing: another one goes on and ends it once; who could not play on has not failed, who had decided all has passed', async () => {
  const { one, again, hire, set, entries, db } = await world('d', asks);
  const [ada, bea, cyd] = [hire(), hire(), hire()];
  const id = await begin(one, [ada]);
  await one.drills.join(byPerson(ada), ada, id);
  await one.drills.decide(byPerson(ada), ada, id, 'call', placeOf(await look(one, ada, id), 'call', true));
  // of this one all was decided, and nobody ended it
  const over = await begin(one, [cyd]);
  await play(one, cyd, over, true, false);
  set(minutes(START, 60 * 24));

  const reborn = again();
  await reborn.begin();
  assert.equal(await reborn.drills.sweep(), 2);
  assert.equal(await reborn.drills.sweep(), 0, 'once');
  const view = await look(reborn, ada, id);
  assert.deepEqual([view.state, view.endsAt, view.score, view.debrief, view.people[0]?.verdict], ['stopped', minutes(START, 25).toISOString(), null, null, null]); // prettier-ignore
  assert.deepEqual(entries.filter(({ action, detail }) => action === 'education.drill.stop' && detail?.drill === id).map(({ detail }) => detail?.because), ['no server ran when it ended']); // prettier-ignore
  assert.equal((await look(reborn, cyd, over)).state, 'passed');

  // within minutes one that begins anew scores it, as of the moment at which it was over
  const short = await begin(reborn, [bea]);
  set(minutes(START, 60 * 24 + 29));
  assert.equal(await reborn.drills.sweep(), 1);
  const failed = await look(reborn, bea, short);
  assert.deepEqual([failed.state, failed.endsAt], ['failed', minutes(START, 60 * 24 + 25).toISOString()]);
  assert.equal(entries.filter(({ action, detail }) => action === 'education.drill.end' && detail?.drill === short).length, 1); // prettier-ignore
  const uuid = parsePublicId('drl', short) as Uuid;
  await assert.rejects(async () => db`update education.drills set score = null, state = 'stopped' where drill_id = ${uuid}`, /ends once/);
  await assert.rejects(async () => db`update education.drill_people set joined_at = null, verdict = 'passed' where drill_id = ${parsePublicId('drl', over) as Uuid}`, /once/);
  await assert.rejects(async () => db`delete from education.drill_events where drill_id = ${parsePublicId('drl', over) as Uuid}`, /refused/);
}); // prettier-ignore

test('who was not asked finds none; two who decide at once are one decision; two drills at once are one; who looked on gets nothing', async () => {
  const { one, other, hire, set } = await world('e', asks);
  const [ada, bea, cyd, dan] = [hire(), hire(), hire(), hire()];
  const id = await begin(one, [ada, bea, cyd]);
  for (const work of [() => look(one, dan, id), () => one.drills.join(byPerson(dan), dan, id), () => one.drills.decide(byPerson(dan), dan, id, 'call', 0), () => one.drills.note(byPerson(dan), dan, id, 'x'), () => one.drills.report(dan, id)])
    await assert.rejects(work, isFailure('DRILL_NOT_FOUND')); // prettier-ignore
  await Promise.all([one.drills.join(byPerson(ada), ada, id), other.drills.join(byPerson(bea), bea, id)]);
  const made = await Promise.allSettled([one.drills.decide(byPerson(ada), ada, id, 'call', 0), other.drills.decide(byPerson(bea), bea, id, 'call', 1)]); // prettier-ignore
  assert.deepEqual(made.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  assert.ok(isFailure('DRILL_DECIDED')((made.find(({ status }) => status === 'rejected') as PromiseRejectedResult).reason)); // prettier-ignore

  const both = await Promise.allSettled([begin(one, [dan]), begin(other, [dan])]);
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  await assert.rejects(begin(one, [ada], dan), isFailure('DRILL_BUSY'));
  // one that comes after it is none at the same time
  await begin(one, [ada], dan, later(START, 1));

  set(minutes(START, 13));
  await one.drills.join(byPerson(cyd), cyd, id);
  set(minutes(START, 30));
  await one.drills.sweep();
  const verdicts = (await one.drills.look(null, id)).people.map(({ id: each, verdict }) => [each, verdict]);
  assert.deepEqual(new Map(verdicts as [string, string][]), new Map([[ada, 'failed'], [bea, 'failed'], [cyd, null]] as never)); // prettier-ignore
}); // prettier-ignore

test('one that was stopped counts for nobody, and only who began it or the training team stops it; an end that nobody skipped to', async () => {
  const { one, hire, effect } = await world('f', asks);
  const [ada, bea] = [hire(), hire()];
  const id = await begin(one, [ada, bea]);
  await one.drills.join(byPerson(bea), bea, id);
  await assert.rejects(one.drills.stop(byPerson(bea), bea, id), isFailure('DRILL_NOT_FOUND'));
  await one.drills.stop(byPerson(ada), ada, id);
  const stopped = await look(one, bea, id);
  assert.deepEqual(
    [stopped.state, stopped.debrief, stopped.score, await effect(bea)],
    ['stopped', null, null, 'denied'],
  );
  assert.ok(!JSON.stringify(stopped).includes('nothing is lost if the bag'), 'it can be begun anew, and passed');
  await assert.rejects(one.drills.decide(byPerson(bea), bea, id, 'call', 0), isFailure('DRILL_OVER'));
});

test('mails go to who works here and was asked, each with the mark; the report has it on each part, and nothing becomes an incident', async () => {
  const { one, hire, told, db }: EducationWorld = await world('g', asks);
  const [lead, ada, bea] = [hire(), hire(), hire()];
  hire();
  const incidents = async () => (await fresh().db<{ n: number }[]>`select count(*)::int as n from education.incidents`)[0]?.n; // prettier-ignore
  const before = await incidents();
  const id = await begin(one, [ada, bea], lead);
  const mails = told as { to?: string; subject?: string; text?: string }[];
  assert.deepEqual(new Set(mails.map(({ to }) => to)), new Set([ada, bea].map((each) => `${each}@example.org`)));
  for (const { subject, text } of mails) {
    assert.match(subject ?? '', /^\[DRILL\] /);
    assert.match(text ?? '', /^DRILL\. This is practice\./);
  }
  await play(one, ada, id, true);
  assert.equal(mails.length, 2, 'nothing else leaves, to whomever');
  const report = await one.drills.report(ada, id);
  for (const line of report.split('\n').filter((each) => /^##? /.test(each))) assert.match(line, /^##? DRILL: /);
  assert.match(report, /"reference": "DRILL-drl_/);
  assert.match(report, /"approximately": 15/);
  assert.equal(await incidents(), before);
  const [made] = await db<{ n: number }[]>`select count(*)::int as n from education.exercise_customers where try_id = ${parsePublicId('drl', id) as Uuid} and gone_at is not null`; // prettier-ignore
  assert.equal(made?.n, 40, 'who meets one of them sees that it is nobody');
});

test('a reminder goes out before it lapses, and what a person assigned counts as what a role asks for', async () => {
  const { one, hire, set, told, pass: _pass } = await world('h', 'nothing');
  const ada = hire();
  await one.manage.assign(byPerson(hire()), [ada], { kind: 'drill', id: 'stolen-laptop' });
  set(new Date(START.getTime() + 24 * DAY_MS));
  assert.ok((await one.remind()) >= 1);
  assert.match((told as { subject?: string }[]).map(({ subject }) => subject).join(), /Take the drill until .*: The laptop on the train/); // prettier-ignore
  await assert.rejects(one.manage.assign(byPerson(ada), [ada], { kind: 'drill', id: 'no-such' }), isFailure('TEXT_NOT_FOUND')); // prettier-ignore
});
