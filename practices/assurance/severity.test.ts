import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { halfLifeOf, type Life } from './half-life.ts';
import { dueAt, judge, ratingOf, scoreOf, SLA_DAYS, type Reach } from './severity.ts';
import { isOpen, SEVERITIES } from './types.ts';

const reach = (more: Partial<Reach> = {}): Reach => ({
  dataClass: 'personal',
  subjects: 10,
  exposure: 'internet',
  ...more,
});

/** Scores as FIRST's own calculator gives them. */
const SCORED: readonly (readonly [vector: string, score: number])[] = [
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H', 10],
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', 9.3],
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N', 0],
  ['CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', 7.3],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 10],
  ['CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N', 3.1],
];

test('vectors have the scores that FIRST gives them', () => {
  for (const [vector, score] of SCORED) assert.equal(scoreOf(vector), score, vector);
});

test('what is no vector has no score, whatever it looks like', () => {
  for (const text of [
    '',
    'CVSS:4.0',
    'CVSS:4.0/AV:N',
    'AV:N/AC:L/Au:N/C:P/I:P/A:P',
    'CVSS:4.0/AV:X/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H',
    'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H',
    `CVSS:4.0/${'AV:N/'.repeat(100)}`,
  ])
    assert.equal(scoreOf(text), null, text);
  fc.assert(fc.property(fc.string(), (text) => scoreOf(text) === null));
});

test('ratings change where CVSS says', () => {
  for (const [score, rating] of [
    [10, 'critical'],
    [9, 'critical'],
    [8.9, 'high'],
    [7, 'high'],
    [6.9, 'medium'],
    [4, 'medium'],
    [3.9, 'low'],
    [0.1, 'low'],
    [0, 'info'],
  ] as const)
    // prettier-ignore
    assert.equal(ratingOf(score), rating, String(score));
});

test('whom it reaches moves the rating by one, and is said', () => {
  const vector = 'CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N';

  assert.equal(judge(vector, reach())?.severity, 'high');
  assert.equal(judge(vector, reach({ dataClass: 'sensitive' }))?.severity, 'critical');
  assert.equal(judge(vector, reach({ subjects: 1000 }))?.severity, 'critical');
  assert.equal(judge(vector, reach({ subjects: 1000, exposure: 'network' }))?.severity, 'high');
  assert.equal(judge(vector, reach({ exposure: 'host' }))?.severity, 'medium');
  assert.equal(judge(vector, reach({ dataClass: 'internal' }))?.severity, 'medium');
  assert.match(
    judge(vector, reach({ dataClass: 'sensitive' }))?.because ?? '',
    /7\.3 is high; sensitive data of 10 subjects.*: critical/,
  );
  assert.equal(judge('CVSS:4.0', reach()), null);
});

test('more reach never makes it milder; what scores never becomes information, and what does not never a finding', () => {
  const order = (word: string): number => SEVERITIES.indexOf(word as never);
  fc.assert(
    fc.property(
      fc.constantFrom(...SCORED),
      fc.constantFrom('public', 'internal', 'personal', 'sensitive'),
      fc.nat(5000),
      fc.constantFrom('internet', 'network', 'host'),
      ([vector, score], dataClass, subjects, exposure) => {
        // prettier-ignore
        const judged = judge(vector, { dataClass, subjects, exposure });
        const worse = judge(vector, { dataClass: 'sensitive', subjects: subjects + 1000, exposure: 'internet' });
        assert.ok(judged !== null && worse !== null);
        assert.ok(order(worse.severity) <= order(judged.severity));
        assert.equal(judged.severity === 'info', score === 0);
      },
    ),
  );
});

test('deadlines: 3, 14, 60 and 120 days; 3 for what is exploited, however it is rated', () => {
  const seen = new Date('2026-11-01T00:00:00Z');
  const days = (at: Date): number => (at.getTime() - seen.getTime()) / 86_400_000;

  assert.deepEqual(
    SEVERITIES.map((severity) => days(dueAt(severity, seen, 'not known'))),
    [3, 14, 60, 120, 120],
  );
  assert.deepEqual(
    SEVERITIES.map((severity) => days(dueAt(severity, seen, 'kev'))),
    [3, 3, 3, 3, 3],
  );
  assert.equal(SLA_DAYS.critical, 3);
});

test('the half-life counts those that live, and is open while most of them do', () => {
  const now = new Date('2026-11-30T00:00:00Z');
  const at = (day: number): Date => new Date(Date.UTC(2026, 10, day));
  const gone = (day: number): Life => ({ bornAt: at(1), goneAt: at(1 + day) });
  const living: Life = { bornAt: at(1), goneAt: null };

  assert.deepEqual(halfLifeOf([], now), { days: null, gone: 0, living: 0 });
  assert.equal(halfLifeOf([gone(2), gone(4), gone(6), gone(8)], now).days, 4);
  // the mean of those that are gone is 2 days, and says nothing of the three that nobody mends
  assert.deepEqual(halfLifeOf([gone(2), gone(2), living, living, living], now), { days: null, gone: 2, living: 3 });
  assert.deepEqual(halfLifeOf([gone(2), gone(4), gone(6), living, living], now), { days: 6, gone: 3, living: 2 });
  // one that was watched for a short while only is not counted as having lived longer
  assert.equal(halfLifeOf([gone(5), gone(10), { bornAt: at(29), goneAt: null }], now).days, 5);
});

test('a half-life is what it is by a slow count where all are gone, and later where fewer are', () => {
  const now = new Date('2030-01-01T00:00:00Z');
  const born = new Date('2026-01-01T00:00:00Z');
  const after = (days: number): Date => new Date(born.getTime() + days * 86_400_000);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 40 }), (ages) => {
      const all = ages.map((days) => ({ bornAt: born, goneAt: after(days) }));
      // slowly: the first age at which no more than half are left
      const slow = ages
        .toSorted((a, b) => a - b)
        .find((age) => ages.filter((each) => each > age).length <= ages.length / 2);
      assert.equal(halfLifeOf(all, now).days, slow);
      const { days } = halfLifeOf([...all, { bornAt: born, goneAt: null }], now);
      assert.ok(days === null || days >= (slow as number));
    }),
  );
});

test('what is accepted is open again when its date is over; without one it was never closed', () => {
  const now = new Date('2026-11-27T00:00:00Z');

  assert.equal(isOpen({ state: 'accepted', acceptedUntil: new Date('2026-11-28T00:00:00Z') }, now), false);
  assert.equal(isOpen({ state: 'accepted', acceptedUntil: now }, now), true);
  assert.equal(isOpen({ state: 'accepted' }, now), true);
  assert.equal(isOpen({ state: 'verified fixed' }, now), false);
  assert.equal(isOpen({ state: 'ready for retest' }, now), true);
});
