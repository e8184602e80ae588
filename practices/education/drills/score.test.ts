/** The score: exact for a planted scope, and what is late counts half. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Uuid } from '#platform/ids';
import fc from 'fast-check';

import { createZone } from '../standing/zone.ts';
import { readShelf } from '../starters/shelf.ts';
import type { Drill } from './drill.ts';
import { drillClocks, elapsedMs, endsAt, MINUTE_MS, nextMinute } from './drill-clock.ts';
import { scoreDrill, type Decided } from './score.ts';

const drill = readShelf().shelf.drills.find(({ id }) => id === 'stolen-laptop') as Drill;
const who = (from: number, to: number): Set<Uuid> =>
  new Set(
    Array.from(
      { length: to - from + 1 },
      (_, at) => `00000000-0000-7000-8000-${String(from + at).padStart(12, '0')}` as Uuid,
    ),
  );
const allRight: Decided[] = drill.injects.flatMap(({ id, minute, decide }) =>
  decide === undefined
    ? []
    : [{ inject: id, option: decide.options.findIndex(({ right }) => right), elapsedMs: (minute + 1) * MINUTE_MS }],
);

test('precision and recall are those of the set that was found', () => {
  const of = (found: Set<Uuid>) => scoreDrill(drill, allRight, { subjects: found, askedMs: 9 * MINUTE_MS }, who(1, 10)).scope; // prettier-ignore

  assert.deepEqual([of(who(1, 10))?.precision, of(who(1, 10))?.recall], [1, 1]);
  assert.deepEqual([of(who(6, 20))?.precision, of(who(6, 20))?.recall, of(who(6, 20))?.hit], [5 / 15, 5 / 10, 5]);
  assert.deepEqual([of(who(11, 20))?.precision, of(who(11, 20))?.recall], [0, 0]);
  assert.deepEqual([of(new Set())?.precision, of(new Set())?.recall], [0, 0]);
});

test('for any found and any concerned both are what counting gives', () => {
  const some = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(some, some, (found, concerned) => {
      const [a, b] = [new Set(found.flatMap((each) => [...who(each, each)])), new Set(concerned.flatMap((each) => [...who(each, each)]))]; // prettier-ignore
      const scope = scoreDrill(drill, [], { subjects: a, askedMs: 0 }, b).scope;
      let both = 0;
      for (const each of found) if (concerned.includes(each)) both += 1;
      assert.equal(scope?.precision, found.length === 0 ? 0 : both / found.length);
      assert.equal(scope?.recall, concerned.length === 0 ? 1 : both / concerned.length);
    }),
  );
});

test('all right and in time is 1; late counts half, wrong and undecided nothing; nobody passes by finding everybody', () => {
  const truth = who(1, 10);
  const exact = { subjects: truth, askedMs: 10 * MINUTE_MS };
  const best = scoreDrill(drill, allRight, exact, truth);
  assert.deepEqual([best.total, best.passed], [1, true]);
  assert.deepEqual(
    best.decisions.map(({ minutes, storyMinutes }) => [minutes, storyMinutes]),
    allRight.map(() => [1, 30]),
  );

  const points = allRight.length + 2;
  const late = allRight.map((each) => ({ ...each, elapsedMs: each.elapsedMs + 4 * MINUTE_MS }));
  assert.equal(scoreDrill(drill, late, exact, truth).total, (allRight.length / 2 + 2) / points);
  assert.equal(scoreDrill(drill, allRight, { ...exact, askedMs: 17 * MINUTE_MS }, truth).total, (allRight.length + 1) / points); // prettier-ignore
  assert.equal(scoreDrill(drill, allRight, null, truth).total, allRight.length / points);
  assert.equal(scoreDrill(drill, [], exact, truth).passed, false);
  const wrong = allRight.map((each) => ({ ...each, option: (each.option + 1) % 3 }));
  assert.equal(scoreDrill(drill, wrong, null, truth).total, 0);
  assert.ok((scoreDrill(drill, [], { subjects: who(1, 1000), askedMs: 9 * MINUTE_MS }, truth).total) < 0.01);
}); // prettier-ignore

test('its clock stands before it begins, leaves out what was skipped, stops at the end; the law’s clock runs in the story', () => {
  const beginsAt = new Date('2026-03-02T09:00:00Z');
  const at = (minutes: number) => new Date(beginsAt.getTime() + minutes * MINUTE_MS);
  const ran = { beginsAt, skippedMs: 0, endedAt: null };
  assert.equal(nextMinute(drill, elapsedMs(ran, at(-1))), 0);
  assert.equal(nextMinute(drill, elapsedMs(ran, at(0))), 4);
  assert.equal(nextMinute(drill, elapsedMs({ ...ran, skippedMs: 4 * MINUTE_MS }, at(0))), 8);
  assert.equal(nextMinute(drill, elapsedMs(ran, at(24))), null);
  assert.equal(endsAt(drill, { beginsAt, skippedMs: 5 * MINUTE_MS }).getTime(), at(20).getTime());
  assert.equal(elapsedMs({ ...ran, endedAt: at(25) }, at(9000)), 25 * MINUTE_MS);

  const zone = createZone('UTC');
  const of = (minutes: number, decided = new Map<string, Date>()) => drillClocks(drill, ran, decided, zone, at(minutes)).find(({ id }) => id === 'gdpr-33'); // prettier-ignore
  assert.deepEqual([of(3)?.state, of(3)?.dueAt], ['waiting', null]);
  // known at minute 4: two hours of the story
  assert.deepEqual([of(4)?.state, of(4)?.startedAt, of(4)?.dueAt, of(4)?.hoursLeft], ['running', '2026-03-02T11:00:00.000Z', '2026-03-05T11:00:00.000Z', 72]);
  assert.equal(of(20, new Map([['gdpr-33', new Date('2026-03-02T20:00:00Z')]]))?.state, 'decided');
  assert.equal(of(20, new Map([['gdpr-33', new Date('2026-03-06T20:00:00Z')]]))?.state, 'decided-late');
}); // prettier-ignore
