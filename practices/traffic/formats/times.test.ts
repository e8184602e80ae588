/** A time that there is not is no time: a line with one is told as that, not put on another day. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bsdTime, clfTime, isoTime } from './times.ts';

const text = (ms: number): string => (Number.isNaN(ms) ? 'no time' : new Date(ms).toISOString());

test('days that there are not, and zones that there are not', () => {
  for (const day of ['2026-02-29', '2026-02-31', '2026-04-31', '1900-02-29'])
    assert.equal(text(isoTime(`${day}T10:00:00Z`)), 'no time', day);
  for (const day of ['2024-02-29', '2000-02-29', '2026-12-31', '2026-01-31'])
    assert.equal(text(isoTime(`${day}T10:00:00Z`)), `${day}T10:00:00.000Z`);
  for (const zone of ['+99:99', '-24:00', '+0060'])
    assert.equal(text(isoTime(`2026-02-28T10:00:00${zone}`)), 'no time', zone);
  assert.equal(text(isoTime('2026-02-28T10:00:00+14:00')), '2026-02-27T20:00:00.000Z');
  assert.equal(text(isoTime('2016-12-31T23:59:60Z')), '2017-01-01T00:00:00.000Z');
  assert.equal(text(clfTime('31/Apr/2026:13:00:00 +0000')), 'no time');
  assert.equal(text(clfTime('30/Apr/2026:13:00:00 +9900')), 'no time');
  assert.equal(text(clfTime('30/Apr/2026:13:00:00 -0330')), '2026-04-30T16:30:00.000Z');
});

test('29 February without its year is of the leap year that is near', () => {
  assert.equal(text(bsdTime('Feb 29 10:00:00', Date.parse('2025-01-10T00:00:00Z'))), '2024-02-29T10:00:00.000Z');
  assert.equal(text(bsdTime('Feb 30 10:00:00', Date.parse('2025-01-10T00:00:00Z'))), 'no time');
});
