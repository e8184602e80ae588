/** The law's hours are hours, whatever the clock on the wall does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { createZone } from '../standing/zone.ts';
import { BREACH_CLOCKS, hoursLeft, runningClock, type BreachFacts } from './breach-clocks.ts';

const NOTHING: BreachFacts = { awareAt: [], highRiskAt: [], notifiedAt: [] };
const BERLIN = createZone('Europe/Berlin');
const clockOf = (id: string) => BREACH_CLOCKS.find((each) => each.id === id) ?? assert.fail(id);
const due = (id: string, facts: Partial<BreachFacts>): string | undefined => runningClock(clockOf(id), { ...NOTHING, ...facts }, BERLIN)?.dueAt.toISOString(); // prettier-ignore

test('72 hours are 72 hours over both changes of the time', () => {
  // in Berlin this is Friday noon to Monday at one, and Friday noon to Monday at eleven
  assert.equal(due('gdpr-33', { awareAt: [new Date('2026-03-27T12:00:00+01:00')] }), '2026-03-30T11:00:00.000Z');
  assert.equal(due('gdpr-33', { awareAt: [new Date('2026-10-23T12:00:00+02:00')] }), '2026-10-26T10:00:00.000Z');
  assert.equal(due('nis2-early', { awareAt: [new Date('2026-03-28T20:00:00+01:00')] }), '2026-03-29T19:00:00.000Z');
});

test('the earliest moment at which somebody knew is the start, and what has not begun does not run', () => {
  const [first, second] = [new Date('2026-05-01T10:00:00Z'), new Date('2026-05-02T10:00:00Z')];
  assert.equal(due('gdpr-33', { awareAt: [second, first] }), due('gdpr-33', { awareAt: [first] }));
  assert.equal(due('gdpr-34', { awareAt: [first] }), undefined);
  assert.equal(due('gdpr-34', { highRiskAt: [first] }), '2026-05-04T10:00:00.000Z');
});

test('a month is one of the calendar of the place, at the same time of its day or before', () => {
  const final = (text: string) => due('nis2-final', { notifiedAt: [new Date(text)] });
  assert.equal(final('2026-03-10T12:00:00+01:00'), '2026-04-10T10:00:00.000Z');
  assert.equal(final('2026-01-31T12:00:00+01:00'), '2026-02-28T11:00:00.000Z');
  assert.equal(final('2026-12-31T23:30:00+01:00'), '2027-01-31T22:30:00.000Z');
  fc.assert(
    fc.property(fc.date({ min: new Date('2025-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }), (at) => {
      const days = (Date.parse(final(at.toISOString()) as string) - at.getTime()) / 86_400_000;
      assert.ok(days > 27.9 && days < 31.1, `${days}`);
    }),
    { numRuns: 60 },
  );
});

test('what is left is never rounded up', () => {
  const running = runningClock(clockOf('gdpr-33'), { ...NOTHING, awareAt: [new Date('2026-05-01T10:00:00Z')] }, BERLIN);
  assert.ok(running !== null);
  const left = (text: string): number => hoursLeft(running, new Date(text));
  assert.deepEqual([left('2026-05-01T10:00:00Z'), left('2026-05-04T09:00:01Z'), left('2026-05-04T10:00:01Z')], [72, 0, -1]); // prettier-ignore
});

test('each clock says where it is from, and which number is ours', () => {
  assert.equal(new Set(BREACH_CLOCKS.map(({ id }) => id)).size, BREACH_CLOCKS.length);
  for (const { id, source, number } of BREACH_CLOCKS) {
    assert.match(source, /art\. \d/, id);
    assert.equal(number === 'ours', source.includes('without undue delay'), id);
  }
});
