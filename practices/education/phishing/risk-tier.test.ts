/** Falling for exercises makes signing in stricter for a time, and good reports end it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { riskTier, type Fall } from './risk-tier.ts';

const day = (count: number): Date => new Date(Date.UTC(2026, 0, 1 + count, 9));
const click = (campaign: string, at: number): Fall => ({ campaign, kind: 'click', at: day(at) });
const submit = (campaign: string, at: number): Fall => ({ campaign, kind: 'submit', at: day(at) });
const tierOn = (now: number, falls: Fall[], reports: number[] = []): number => riskTier(falls, reports.map(day), day(now)).tier; // prettier-ignore

test('one click is nothing, two clicks or a form are a step, two steps are two', () => {
  assert.equal(tierOn(5, []), 0);
  assert.equal(tierOn(5, [click('a', 1)]), 0);
  assert.equal(tierOn(5, [click('a', 1), click('a', 2)]), 0, 'one campaign is one');
  assert.equal(tierOn(5, [click('a', 1), submit('a', 1)]), 1, 'the worst of it');
  assert.equal(tierOn(5, [click('a', 1), click('b', 4)]), 1);
  assert.equal(tierOn(5, [submit('a', 1), submit('b', 4)]), 2);
  assert.equal(tierOn(5, [click('a', 1), click('b', 2), submit('c', 4)]), 2);
  assert.deepEqual(riskTier([submit('a', 1)], [], day(5)), { tier: 1, until: day(31), maxAgeSeconds: 300, halfRows: false, secondApprover: false }); // prettier-ignore
});

test('it ends by itself, sooner by good reports, and what is dated later has not happened', () => {
  const [one, two] = [[submit('a', 1)], [submit('a', 1), submit('b', 10)]];
  assert.deepEqual([30, 31].map((now) => tierOn(now, one)), [1, 0]); // prettier-ignore
  assert.deepEqual([99, 100].map((now) => tierOn(now, two)), [2, 0]); // prettier-ignore
  assert.equal(tierOn(5, one, [2]), 1);
  assert.equal(tierOn(5, one, [2, 3]), 0);
  assert.equal(tierOn(5, one, [0, 0]), 1, 'reports from before count for what was before');
  assert.deepEqual([69, 70].map((now) => tierOn(now, two, [11, 12])), [2, 0]); // prettier-ignore
  assert.equal(tierOn(200, [submit('a', 1), submit('b', 185)]), 1, 'after 180 days it is forgotten');
  assert.equal(tierOn(0, one), 0);
  const three = [click('a', 1), click('b', 10), click('c', 175)];
  assert.deepEqual([9, 12, 100, 182, 195].map((now) => tierOn(now, three)), [0, 1, 0, 0, 0], 'an old click that is forgotten pairs no others'); // prettier-ignore
  assert.deepEqual([176, 182, 264, 265].map((now) => tierOn(now, [submit('a', 1), submit('b', 175)])), [2, 2, 2, 0], 'it lasts as long as it said'); // prettier-ignore
});
