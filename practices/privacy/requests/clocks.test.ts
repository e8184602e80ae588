// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CLOCKS, clockOf, dueAt, type Clock } from './clocks.ts';

const due = (regime: string, received: string, extended = false): string =>
  dueAt(clockOf(regime) as Clock, new Date(received), extended)
    .toISOString()
    .slice(0, 10);

test('a month ends on the corresponding date, or on the last day of a shorter month', () => {
  assert.equal(due('eu-gdpr', '2026-09-03T10:00:00Z'), '2026-10-03');
  assert.equal(due('eu-gdpr', '2026-01-31T23:59:00Z'), '2026-02-28');
  assert.equal(due('eu-gdpr', '2028-01-31T00:00:00Z'), '2028-02-29');
  assert.equal(due('eu-gdpr', '2026-12-31T12:00:00Z'), '2027-01-31');
  assert.equal(
    due('eu-gdpr', '2026-11-30T12:00:00Z', true),
    '2027-02-28',
    'one month and two are three, counted at once',
  );
});

test('a British last day on a weekend moves to Monday; others do not move', () => {
  assert.equal(due('uk-gdpr', '2026-10-28T10:00:00Z'), '2026-11-30', '28 November 2026 is a Saturday');
  assert.equal(due('eu-gdpr', '2026-10-28T10:00:00Z'), '2026-11-28');
});

test('days are calendar days, working days are not', () => {
  assert.equal(due('us-ca', '2026-11-26T10:00:00Z'), '2027-01-10');
  assert.equal(due('us-ca', '2026-11-26T10:00:00Z', true), '2027-02-24');
  assert.equal(due('us-ca-opt-out', '2026-11-26T10:00:00Z'), '2026-12-17');
  assert.equal(due('br-lgpd', '2026-11-26T10:00:00Z', true), '2026-12-11', 'nothing to extend');
});

test('a day begins where it begins last and ends where it ends first, so that no answer is late anywhere', () => {
  assert.equal(due('us-ca', '2026-12-01T04:00:00Z'), '2027-01-14', 'the evening of 30 November in California');
  assert.equal(due('us-ca', '2026-12-01T09:00:00Z'), '2027-01-15');
  const at = (regime: string): string =>
    dueAt(clockOf(regime) as Clock, new Date('2026-11-10T12:00:00Z')).toISOString();
  assert.deepEqual([at('kr-pipa'), at('us-va')], ['2026-11-20T14:59:59.000Z', '2026-12-25T23:59:59.000Z']);
});

test('every row says where it comes from, or that nobody read it', () => {
  for (const { regime, source, confidence } of CLOCKS) assert.ok(source.length > 10 && (confidence === 'low' || /\d/.test(source)), regime); // prettier-ignore
});
