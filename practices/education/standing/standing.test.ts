/** What a person's standing is, and that no clock, zone or leave makes it another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { bulkLapses, type Member } from './bulk-guard.ts';
import { reminderDue } from './reminders.ts';
import { effectOf, standingOf, USUAL_RULES, type Facts, type Standing } from './standing.ts';
import { steadyNow } from './steady.ts';
import { createZone } from './zone.ts';

const DAY_MS = 86_400_000;
const BERLIN = createZone('Europe/Berlin');
const at = (text: string): Date => new Date(text);
const FACTS: Facts = {
  assigned: { at: at('2025-01-01T08:00:00Z'), role: 'new' },
  versions: [{ id: 'v1', at: at('2024-12-01T00:00:00Z'), material: true }],
  done: [{ version: 'v1', at: at('2025-03-10T10:00:00Z') }],
  revokedAt: [],
  exempt: [],
  absent: [],
  graceExtended: false,
};
const stateAt = (when: string, facts: Partial<Facts> = {}, zone = BERLIN): string => {
  const { state, effect } = standingOf({ ...FACTS, ...facts }, USUAL_RULES, zone, at(when));
  return `${state} ${effect}`;
};

test('passed, due, grace, lapsed: each at the end of a day where the person is', () => {
  assert.equal(stateAt('2025-04-01T00:00:00Z'), 'passed open');
  // 365 days after: 2026-03-10, a Tuesday, whose end in Berlin is 23:00 in UTC
  assert.equal(stateAt('2026-02-08T23:00:00Z'), 'due open');
  assert.equal(stateAt('2026-03-10T22:59:59.999Z'), 'due open');
  assert.equal(stateAt('2026-03-10T23:00:00Z'), 'grace masked');
  // five working days: 11, 12, 13, 16, 17 March
  assert.equal(stateAt('2026-03-17T22:59:59.999Z'), 'grace masked');
  assert.equal(stateAt('2026-03-17T23:00:00Z'), 'lapsed denied');
  assert.equal(stateAt('2036-01-01T00:00:00Z'), 'lapsed denied');
  assert.equal(stateAt('2026-03-11T06:59:00Z', {}, createZone('America/Los_Angeles')), 'due open');
  assert.equal(stateAt('2026-03-10T15:00:00Z', {}, createZone('Asia/Tokyo')), 'grace masked');
});

test('passing again opens at once, being revoked shuts at once, and only what was published can be passed', () => {
  const lapsed = '2026-05-01T12:00:00Z';
  assert.equal(stateAt(lapsed), 'lapsed denied');
  assert.equal(stateAt(lapsed, { done: [...FACTS.done, { version: 'v1', at: at(lapsed) }] }), 'passed open');
  assert.equal(stateAt(lapsed, { done: [...FACTS.done, { version: 'v1', at: at('2026-05-01T12:00:00.001Z') }] }), 'lapsed denied');
  assert.equal(stateAt('2025-06-01T00:00:00Z', { revokedAt: [at('2025-05-01T00:00:00Z')] }), 'revoked denied');
  assert.equal(stateAt('2025-06-01T00:00:00Z', { revokedAt: [at('2025-02-01T00:00:00Z')] }), 'passed open', 'passed since');
  assert.equal(stateAt('2025-06-01T00:00:00Z', { revokedAt: [FACTS.done[0]?.at as Date] }), 'revoked denied', 'both at once: shut');
  assert.equal(stateAt('2025-06-01T00:00:00Z', { done: [{ version: 'v9', at: at('2025-05-01T00:00:00Z') }] }), 'assigned denied');
}); // prettier-ignore

test('who is new does nothing before it is done; who had the role has time', () => {
  assert.equal(stateAt('2025-01-01T08:00:00Z', { done: [] }), 'assigned denied');
  const had = { done: [], assigned: { at: at('2025-01-01T08:00:00Z'), role: 'had' as const } };
  assert.equal(stateAt('2025-01-01T08:00:00Z', had), 'due open');
  assert.equal(stateAt('2025-01-31T22:59:59Z', had), 'due open');
  assert.equal(stateAt('2025-02-03T12:00:00Z', had), 'grace masked');
  assert.equal(stateAt('2025-02-08T12:00:00Z', had), 'lapsed denied');
});

test('a version that changes what people do gives seven days, and a second one gives nobody more', () => {
  const version = (id: string, when: string, material: boolean) => ({ id, at: at(when), material });
  const policy = (...more: Facts['versions']) => ({ versions: [...FACTS.versions, ...more] });
  const two = version('v2', '2025-06-02T09:00:00Z', true);
  assert.equal(stateAt('2025-06-01T09:00:00Z', policy(two)), 'passed open', 'not yet published');
  assert.equal(stateAt('2025-06-05T09:00:00Z', policy(version('v2', '2025-06-02T09:00:00Z', false))), 'passed open');
  assert.equal(stateAt('2025-06-05T09:00:00Z', policy(two)), 'due open');
  assert.equal(stateAt('2025-06-10T09:00:00Z', policy(two)), 'grace masked');
  assert.equal(stateAt('2025-06-17T09:00:00Z', policy(two)), 'lapsed denied');
  const three = version('v3', '2025-06-08T09:00:00Z', true);
  assert.equal(stateAt('2025-06-17T09:00:00Z', policy(two, three)), 'lapsed denied');
  const signed = { ...policy(two, three), done: [...FACTS.done, { version: 'v2', at: at('2025-06-16T00:00:00Z') }] };
  assert.equal(stateAt('2025-06-17T09:00:00Z', signed), 'grace masked', 'the third is still missing, by its own clock');
  const late = { ...policy(two), done: [...FACTS.done, { version: 'v1', at: at('2025-06-16T00:00:00Z') }] };
  assert.equal(stateAt('2025-06-17T09:00:00Z', late), 'lapsed denied', 'signing the old text again is not signing the new one');
  const back = policy(two, version('v1', '2025-06-04T09:00:00Z', true));
  assert.equal(stateAt('2025-06-03T09:00:00Z', back), 'due open');
  assert.equal(stateAt('2025-07-01T09:00:00Z', back), 'passed open', 'the text that came back is the one that was signed');
}); // prettier-ignore

test('leave stops clocks, holidays are no days of grace, an exemption has its end', () => {
  const away = { absent: [{ from: at('2025-07-01T00:00:00Z'), until: at('2025-10-01T00:00:00Z') }] };
  assert.equal(stateAt('2026-05-20T12:00:00Z', away), 'due open');
  assert.equal(stateAt('2026-06-30T12:00:00Z', away), 'lapsed denied');
  assert.equal(stateAt('2030-01-01T00:00:00Z', { absent: [{ from: at('2025-07-01T00:00:00Z'), until: null }] }), 'passed open');
  assert.equal(stateAt('2026-03-20T12:00:00Z', { absent: [{ from: at('2026-03-19T00:00:00Z'), until: null }] }), 'lapsed denied', 'leave revives nothing');
  assert.equal(stateAt('2026-03-19T12:00:00Z', { absent: [{ from: at('2026-03-12T09:00:00Z'), until: at('2026-03-13T09:00:00Z') }] }), 'grace masked');
  const holidays = standingOf(FACTS, { ...USUAL_RULES, holidays: ['2026-03-16'] }, BERLIN, at('2026-03-18T12:00:00Z'));
  assert.equal(holidays.state, 'grace');
  const exempt = { exempt: [{ from: at('2026-04-01T00:00:00Z'), until: at('2026-05-01T00:00:00Z') }] };
  assert.deepEqual(['2026-03-31T00:00:00Z', '2026-04-01T00:00:00Z', '2026-05-01T00:00:00Z'].map((when) => stateAt(when, exempt)), ['lapsed denied', 'exempt open', 'lapsed denied']);
  assert.equal(stateAt('2026-03-20T12:00:00Z', { graceExtended: true }), 'grace masked');
  const both = { exempt: [{ from: at('2025-04-01T00:00:00Z'), until: at('2025-08-01T00:00:00Z') }], revokedAt: [at('2025-05-01T00:00:00Z')] };
  assert.deepEqual(['2025-04-15T00:00:00Z', '2025-06-01T00:00:00Z'].map((when) => stateAt(when, both)), ['exempt open', 'revoked denied']);
  assert.equal(stateAt('2026-03-25T12:00:00Z', { graceExtended: true }), 'lapsed denied');
}); // prettier-ignore

const NAMES = ['Europe/Berlin', 'America/Havana', 'America/St_Johns', 'Australia/Lord_Howe'];
const ZONES = NAMES.map(createZone);
const instant = fc.date({ min: at('2025-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z'), noInvalidDate: true });
const facts: fc.Arbitrary<Facts> = fc.record({
  assigned: fc.record({ at: instant, role: fc.constantFrom('had', 'new') }),
  versions: fc.array(fc.record({ id: fc.constantFrom('v2', 'v3', 'v4'), at: instant, material: fc.boolean() }), { maxLength: 2 })
    .map((more) => [...FACTS.versions, ...more]),
  done: fc.array(fc.record({ version: fc.constantFrom('v1', 'v2'), at: instant }), { maxLength: 3 }),
  revokedAt: fc.array(instant, { maxLength: 1 }),
  exempt: fc.array(fc.tuple(instant, instant).map(([a, b]) => ({ from: a < b ? a : b, until: a < b ? b : a })), { maxLength: 1 }),
  absent: fc.array(fc.tuple(instant, fc.option(fc.integer({ min: 0, max: 200 }))).map(([from, days]) => ({ from, until: days === null ? null : new Date(from.getTime() + days * DAY_MS) })), { maxLength: 2 }),
  graceExtended: fc.boolean(),
}); // prettier-ignore
const MILD: readonly Standing['effect'][] = ['open', 'masked', 'denied'];

test('while nothing happens, time makes it never milder, and nothing changes before it was said to', () => {
  fc.assert(
    fc.property(facts, instant, fc.integer({ min: 1, max: 400 }), fc.constantFrom(...ZONES), (given, now, days, zone) => {
      const before = standingOf(given, USUAL_RULES, zone, now);
      const until = before.changesAt ?? new Date(now.getTime() + days * DAY_MS);
      assert.ok(until > now);
      const middle = new Date(now.getTime() + Math.floor((until.getTime() - now.getTime()) * ((days % 97) / 97)));
      const during = standingOf(given, USUAL_RULES, zone, middle);
      assert.deepEqual([during.state, during.effect], [before.state, before.effect]);

      // no exemption begins, nobody passes: only the clock goes on
      const quiet = { ...given, exempt: [], done: given.done.filter((each) => each.at <= now) };
      const later = standingOf(quiet, USUAL_RULES, zone, new Date(now.getTime() + days * DAY_MS));
      const first = standingOf(quiet, USUAL_RULES, zone, now);
      // a version that was published only later could make what was passed before count
      if (given.versions.every((each) => each.at <= now))
        assert.ok(MILD.indexOf(later.effect) >= MILD.indexOf(first.effect), `${first.state} → ${later.state}`);
    }),
    { numRuns: 100 },
  );
}); // prettier-ignore

test('leave never shortens a clock, and passing now always opens', () => {
  fc.assert(
    fc.property(facts, instant, (given, now) => {
      const calm = { ...given, exempt: [] };
      const here = standingOf({ ...calm, absent: [] }, USUAL_RULES, BERLIN, now);
      const away = standingOf(calm, USUAL_RULES, BERLIN, now);
      assert.ok(MILD.indexOf(away.effect) <= MILD.indexOf(here.effect));
      if (here.dueAt !== null && away.dueAt !== null) assert.ok(away.dueAt >= here.dueAt);
      const newest = calm.versions.filter((each) => each.at <= now).toSorted((a, b) => a.at.getTime() - b.at.getTime()).at(-1);
      if (newest === undefined) return;
      const passed = standingOf({ ...calm, revokedAt: [], done: [...calm.done, { version: newest.id, at: now }] }, USUAL_RULES, BERLIN, now);
      assert.equal(passed.effect, 'open');
    }),
    { numRuns: 80 },
  );
}); // prettier-ignore

test('a clock that is set back brings back nothing that the log has seen lapse', () => {
  const lapsedAt = at('2026-03-18T08:00:00Z');
  const back = at('2026-03-01T08:00:00Z');
  assert.equal(standingOf(FACTS, USUAL_RULES, BERLIN, back).effect, 'open');
  assert.equal(standingOf(FACTS, USUAL_RULES, BERLIN, steadyNow(back, lapsedAt)).effect, 'denied');
  assert.equal(steadyNow(lapsedAt, back), lapsedAt);
  assert.equal(steadyNow(back, null), back);
});

test('a role asks for all of it, and one that asks for nothing gives nothing', () => {
  const of = (effect: Standing['effect']): Standing => ({ state: 'passed', effect, dueAt: null, lapsesAt: null, changesAt: null }); // prettier-ignore
  assert.equal(effectOf([]), 'denied');
  assert.equal(effectOf([of('open'), of('open')]), 'open');
  assert.equal(effectOf([of('open'), of('masked')]), 'masked');
  assert.equal(effectOf([of('masked'), of('denied'), of('open')]), 'denied');
});

test('a day ends where its zone says, through changes of the time, days that are left out and midnights that come twice', () => {
  const ends = (zone: string, day: string): string => createZone(zone).endOf(day).toISOString();
  assert.equal(ends('Europe/Berlin', '2026-03-28'), '2026-03-28T23:00:00.000Z');
  assert.equal(ends('Europe/Berlin', '2026-03-29'), '2026-03-29T22:00:00.000Z', '23 hours');
  assert.equal(ends('Europe/Berlin', '2026-10-25'), '2026-10-25T23:00:00.000Z', '25 hours');
  assert.equal(ends('America/Havana', '2026-10-31'), '2026-11-01T04:00:00.000Z', 'before its clocks go back, at one');
  assert.equal(ends('America/Havana', '2026-03-07'), '2026-03-08T05:00:00.000Z', 'there is no midnight: the day begins at one');
  assert.equal(ends('Pacific/Apia', '2011-12-29'), '2011-12-30T10:00:00.000Z');
  assert.equal(ends('Pacific/Apia', '2011-12-30'), '2011-12-30T10:00:00.000Z', 'a day that never was');
  assert.equal(ends('America/Sao_Paulo', '2018-02-17'), '2018-02-18T03:00:00.000Z', 'its last hour came twice');
  // the slow twin: the first quarter of an hour after which the wall never again shows this day or one before
  fc.assert(
    fc.property(fc.constantFrom(...ZONES, createZone('America/Sao_Paulo')), fc.integer({ min: 0, max: 6000 }), (zone, days) => {
      const day = zone.addDays('2010-01-01', days);
      const noon = Date.parse(`${day}T12:00:00Z`);
      const quarters = Array.from({ length: 4 * 50 }, (_, step) => noon + (step - 40) * 900_000);
      const last = quarters.findLast((each) => zone.dayOf(new Date(each)) <= day) as number;
      assert.equal(zone.endOf(day).getTime(), last + 900_000);
    }),
    { numRuns: 15 },
  );
  assert.equal(BERLIN.addMonths('2026-01-31', 1), '2026-02-28');
  assert.throws(() => createZone('Mars/Base'), RangeError);
}); // prettier-ignore

test('before many of a role lapse its owner is told, and the grace is given once more, once', () => {
  const now = at('2026-03-17T12:00:00Z');
  const hour = (count: number): Date => new Date(now.getTime() + count * 3_600_000);
  const team = (count: number, lapsing: number, lapsesAt: Date, graceExtended = false, role = 'support'): Member[] =>
    Array.from({ length: count }, (_, each) => ({ person: `${role}${each}`, role, lapsesAt: each < lapsing ? lapsesAt : hour(900), graceExtended }));
  const yesterday = hour(-24);
  assert.deepEqual(bulkLapses(team(40, 4, hour(11)), yesterday, now), [], 'a tenth is no crowd');
  const [five] = bulkLapses(team(40, 5, hour(11)), yesterday, now);
  assert.deepEqual(five, { role: 'support', lapsing: 5, of: 40, extend: ['support0', 'support1', 'support2', 'support3', 'support4'] });
  assert.deepEqual(bulkLapses(team(40, 40, hour(25)), yesterday, now), [], 'not within a day');
  assert.deepEqual(bulkLapses(team(2, 2, hour(1)), yesterday, now), [], 'two people are no crowd');
  assert.deepEqual(bulkLapses(team(40, 20, hour(11), true), yesterday, now)[0]?.extend, [], 'told again, extended once');
  assert.equal(bulkLapses(team(40, 20, hour(-2)), yesterday, now)[0]?.lapsing, 20, 'a clock that leapt over it is seen');
  assert.deepEqual(bulkLapses(team(40, 20, hour(-30)), yesterday, now), [], 'what lapsed before was told before');
  assert.deepEqual(bulkLapses([...team(40, 5, hour(1)), ...team(60, 2, hour(1), false, 'billing')], yesterday, now).map(({ role }) => role), ['support']);
}); // prettier-ignore

test('reminders come 30, 14, 7 and 1 days before, and after silence only the most urgent', () => {
  const due = at('2026-03-10T23:00:00Z');
  const on = (day: string, sent: number[] = []) => reminderDue(due, sent, BERLIN, at(`${day}T08:00:00Z`));
  assert.deepEqual([on('2026-02-07'), on('2026-02-08'), on('2026-02-08', [30]), on('2026-02-24', [30])], [null, 30, null, 14]); // prettier-ignore
  assert.deepEqual([on('2026-03-03', [30, 14]), on('2026-03-09', [30, 14, 7]), on('2026-03-10', [1])], [7, 1, null]);
  assert.deepEqual([on('2026-03-10'), on('2026-03-09', [30])], [1, 1], 'the mail server was down for weeks');
  assert.equal(on('2026-03-11'), null);
});
