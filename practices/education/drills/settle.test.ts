/** The end of a drill: what it may hold while it asks, whom it takes something back from, and what of rote it does not count. */
import { test } from 'node:test';
import assert from 'node:assert/strict';

import { parsePublicId, type Uuid } from '#platform/ids';

import { countedEvents, type DrillEvent } from '../store/drills.ts';
import { starterSources } from '../texts/starter-sources.ts';
import { scopeOf } from './settle.ts';
import { begin, isFailure, look, minutes, play, scopeOf as scopeAsked } from '../testing-drills.ts';
import { byPerson, educationWorlds, later, START } from '../testing-gate.ts';

// one alone: a transaction that asks out of the same pool waits for itself
const { world } = educationWorlds(1);
const asks = { courses: [], policies: [], drills: ['stolen-laptop'] };

test('with one connection drills end and things are taken back: nothing is asked of the pool within a transaction', { timeout: 30_000 }, async () => {
  const { one, hire, set, effect } = await world('a', asks);
  const [ada, bea] = [hire(), hire()];
  const by = byPerson(ada);
  const id = await one.drills.begin(by, { text: 'stolen-laptop', people: [ada], roles: [], beginsAt: null });
  await one.drills.join(by, ada, id);
  await one.drills.note(by, ada, id, 'x');
  set(minutes(START, 8));
  const view = await look(one, ada, id);
  assert.ok(view.breach !== null);
  await one.drills.scope(by, ada, id, scopeAsked(view, -90));
  set(new Date(START.getTime() + 26 * 60_000));
  assert.equal(await one.drills.sweep(), 1);
  assert.equal((await one.drills.look(ada, id)).state, 'failed');
  await one.manage.revoke(by, bea, { kind: 'drill', id: 'stolen-laptop' }, 'because');
  assert.equal(await effect(bea), 'denied');
}); // prettier-ignore

test('a drill that failed takes back what was passed, and nothing of who had passed nothing; a crowd is shut off by none', async () => {
  const { one, hire, entries, effect, set } = await world('i', asks);
  const crowd = [hire(), hire(), hire()];
  const fresh_ = hire();
  for (const person of crowd) await play(one, person, await begin(one, [person]), true);
  assert.deepEqual(await Promise.all(crowd.map((each) => effect(each))), ['open', 'open', 'open']);

  const failed = await play(one, fresh_, await begin(one, [fresh_]), false);
  await one.gate.refresh();
  const { lacks } = await one.gate.trainingOf(fresh_, 'i', asks);
  assert.deepEqual([failed.state, failed.people[0]?.verdict, lacks[0]?.state], ['failed', 'failed', 'assigned'], 'as if they had not tried');

  set(minutes(START, 1));
  const together = await begin(one, crowd);
  for (const person of crowd) await one.drills.join(byPerson(person), person, together);
  await play(one, crowd[0] as string, together, false);
  const view = await look(one, crowd[0] as string, together);
  assert.deepEqual([view.state, view.people.map(({ verdict }) => verdict)], ['failed', [null, null, null]]);
  assert.deepEqual(await Promise.all(crowd.map((each) => effect(each))), ['open', 'open', 'open']);
  const told = entries.filter(({ action }) => action === 'education.drill.failed.many' || action === 'education.revocations.many'); // prettier-ignore
  assert.deepEqual(told.map(({ action, detail }) => [action, detail?.people, detail?.of, detail?.by]), [['education.drill.failed.many', 3, 4, together]]); // prettier-ignore

  set(minutes(START, 2));
  const two = await begin(one, crowd.slice(0, 2));
  await one.drills.join(byPerson(crowd[1] as string), crowd[1] as string, two);
  await play(one, crowd[0] as string, two, false);
  assert.deepEqual(await Promise.all(crowd.map((each) => effect(each))), ['denied', 'denied', 'open']);
}); // prettier-ignore

test('small drills that fail within a day add up; who has passed again, or failed the day before, counts no more', async () => {
  const { one, other, hire, entries, effect, set } = await world('p', asks);
  const [ada, bea, cy, dan, eve] = [hire(), hire(), hire(), hire(), hire()];
  const all = [ada, bea, cy, dan, eve];
  for (const person of all) await play(one, person, await begin(one, [person]), true);
  const fails = async (person: string, server = one) => play(server, person, await begin(server, [person]), false);
  const effects = () => Promise.all(all.map((each) => effect(each)));
  const many = () => entries.filter(({ action }) => action === 'education.drill.failed.many').map(({ detail }) => [detail?.people, detail?.of]);
  set(minutes(START, 1));

  await fails(ada);
  await fails(bea, other);
  await fails(cy);
  assert.deepEqual(await effects(), ['denied', 'denied', 'open', 'open', 'open'], 'the third makes it a crowd');
  await Promise.all([fails(cy, other), fails(dan)]);
  assert.deepEqual(await effects(), ['denied', 'denied', 'open', 'open', 'open']);
  assert.deepEqual(many(), [[3, 5], [3, 5], [3, 5]]);

  set(minutes(START, 2));
  await play(one, ada, await begin(one, [ada]), true);
  await fails(dan);
  assert.deepEqual(await effects(), ['open', 'denied', 'open', 'denied', 'open']);
  set(later(START, 1.1));
  await fails(eve);
  assert.deepEqual(await effects(), ['open', 'denied', 'open', 'denied', 'denied']);
}); // prettier-ignore

test('a crowd of one role is one too, however many work elsewhere', async () => {
  const { one, hire, entries, effect, set } = await world('j', asks);
  const crowd = [hire(), hire(), hire()];
  for (let each = 0; each < 40; each += 1) hire('elsewhere');
  for (const person of crowd) await play(one, person, await begin(one, [person]), true);
  set(minutes(START, 1));
  const together = await begin(one, crowd);
  for (const person of crowd) await one.drills.join(byPerson(person), person, together);
  await play(one, crowd[0] as string, together, false);
  assert.deepEqual(await Promise.all(crowd.map((each) => effect(each))), ['open', 'open', 'open']);
  assert.deepEqual(entries.filter(({ action }) => action === 'education.drill.failed.many').map(({ detail }) => [detail?.role, detail?.people, detail?.of]), [['j', 3, 3]]); // prettier-ignore
});

test('nobody passes by rote: alone three of a text in a day, however they ended; who only joined passes with nobody', async () => {
  const { one, other, hire, set, effect } = await world('k', asks);
  const [ada, bea] = [hire(), hire()];
  for (const server of [one, other, one]) await server.drills.stop(byPerson(ada), ada, await begin(server, [ada]));
  await assert.rejects(begin(other, [ada]), isFailure('WAIT'));
  // another text, another person, together with somebody, another day
  await one.drills.stop(byPerson(ada), ada, await begin(one, [ada], ada, null, 'wrong-list'));
  await one.drills.stop(byPerson(bea), bea, await begin(one, [bea]));
  const id = await begin(one, [ada, bea]);
  await one.drills.join(byPerson(bea), bea, id);
  const view = await play(one, ada, id, true);
  const verdicts = new Map(view.people.map((each) => [each.id, each.verdict]));
  assert.deepEqual([view.state, verdicts.get(ada), verdicts.get(bea)], ['passed', 'passed', null]);
  assert.deepEqual([await effect(ada), await effect(bea)], ['open', 'denied']);
  set(later(START, 1));
  await begin(one, [ada]);
});

test('the last question to the log is scored, and how late that one was', () => {
  const asked = (seq: number, elapsedMs: number, subjects: readonly string[]): DrillEvent => ({ drill_id: '' as Uuid, seq, kind: 'scope', at: START, by: 'x', detail: { elapsedMs, subjects }, sealed: null }); // prettier-ignore
  assert.deepEqual(scopeOf([asked(1, 60_000, ['a']), asked(2, 900_000, ['b', 'c'])]), { subjects: new Set(['b', 'c']), askedMs: 900_000 }); // prettier-ignore
  assert.equal(scopeOf([]), null);
});

test('mails are handed over before the first entry, one that cannot be written keeps nobody out, and one for oneself begins now', async () => {
  const { one, hire, told, entries, unmailed } = await world('l', asks);
  const [lead, ada, bea] = [hire(), hire(), hire()];
  unmailed.add(`${ada}@example.org`);
  const before = entries.length;
  const id = await begin(one, [lead, ada, bea], lead, later(START, 1));
  const mails = told as { to?: string; entriesBefore?: number }[];
  assert.deepEqual(mails.map(({ to, entriesBefore }) => [to, entriesBefore]), [[`${bea}@example.org`, before]]); // prettier-ignore
  assert.deepEqual((await look(one, ada, id)).asked, 3);
  await assert.rejects(begin(one, [lead], lead, later(START, 3)), isFailure('DRILL_INVALID'));
  await begin(one, [lead]);
}); // prettier-ignore

test('a time that is none is refused', async () => {
  const { one, hire } = await world('m', asks);
  const [lead, ada] = [hire(), hire()];
  const leap = new Date('2026-06-30T23:59:60Z');
  await assert.rejects(begin(one, [ada], lead, leap), isFailure('DRILL_INVALID'));
  const id = await begin(one, [ada]);
  await one.drills.join(byPerson(ada), ada, id);
  const view = await play(one, ada, id, true, false);
  for (const [from, to] of [[leap, START], [START, leap]] as const)
    await assert.rejects(one.drills.scope(byPerson(ada), ada, id, { actors: [view.breach?.actors[0]?.id as string], grants: [], requests: [], from, to }), isFailure('DRILL_INVALID')); // prettier-ignore
});

test('a hundred that can never be scored hide none that can; one of them answers, and can be stopped', async () => {
  const { one, hire, set, db } = await world('n', asks);
  const ada = hire();
  await db`
    insert into education.drills (drill_id, text_id, hash, led_by, made_at, begins_at, ends_at, actors, planted)
    select gen_random_uuid(), 'gone', 'gone', ${ada}, ${START}, ${START}, ${START}, '{}', '{}' from generate_series(1, 205)`;
  await db`insert into education.drill_people (drill_id, person_id) select drill_id, ${parsePublicId('per', ada) as Uuid}::uuid from education.drills where text_id = 'gone' order by drill_id limit 1`; // prettier-ignore
  const id = await begin(one, [ada]);
  set(minutes(START, 26));
  await assert.rejects(one.drills.sweep(), isFailure('TEXT_NOT_FOUND'));
  const [row] = await db<{ state: string }[]>`select state from education.drills where drill_id = ${parsePublicId('drl', id) as Uuid}`; // prettier-ignore
  assert.equal(row?.state, 'scored');

  const { drills } = await one.drills.list(ada, { before: null, limit: 10 });
  const gone = drills.find(({ text }) => text === 'gone')?.id as string;
  assert.deepEqual([(await look(one, ada, gone)).title, (await look(one, ada, gone)).injects], ['gone', []]);
  assert.match(await one.drills.report(ada, gone), /^# DRILL: gone/);
  await one.drills.stop(byPerson(ada), ada, gone);
  assert.equal((await look(one, ada, gone)).state, 'stopped');
});

test('a version that another server published a moment ago is played on this one', async () => {
  const { one, other, hire } = await world('o', asks);
  const ada = hire();
  const publish = async (title: string) => {
    const source = starterSources().find(({ source: each }) => each.includes('id: stolen-laptop'))?.source ?? '';
    await one.gate.refresh();
    const replaces = (await one.gate.library()).newest('drill', 'stolen-laptop')?.hash ?? null;
    await one.publish(byPerson(ada), { kind: 'drill', source: source.replace(/^title: .*$/m, `title: ${title}`), replaces, material: false }); // prettier-ignore
  };
  await other.gate.library();
  await publish('A laptop that is gone');
  const id = await begin(one, [ada]);
  await other.drills.join(byPerson(ada), ada, id);
  assert.equal((await look(other, ada, id)).title, 'A laptop that is gone');
  await publish('A laptop that went');
  assert.equal((await other.drills.about('stolen-laptop')).title, 'A laptop that went');
});

test('who works here is listed for what ends a drill alone, and whom a question found is not read to show how many', async () => {
  const { one, hire, db, set, staffReads } = await world('p', asks);
  const ada = hire();
  const id = await begin(one, [ada]);
  staffReads.n = 0;
  await one.drills.join(byPerson(ada), ada, id);
  set(minutes(START, 8));
  const view = await look(one, ada, id);
  await one.drills.scope(byPerson(ada), ada, id, scopeAsked(view, -90));
  await one.drills.note(byPerson(ada), ada, id, 'x');
  assert.equal(staffReads.n, 0);
  const asked = (await look(one, ada, id)).breach?.asked[0];
  assert.ok((asked?.subjects ?? 0) > 0);
  const counted = (await countedEvents(db, parsePublicId('drl', id) as Uuid)).find(({ kind }) => kind === 'scope');
  assert.equal(counted?.detail.subjects, asked?.subjects);
});
