import assert from 'node:assert/strict';
import { test } from 'node:test';

import { restoreTime } from './restore-time.ts';

test('a time to restore to has its zone, and is of a day that exists', () => {
  for (const [text, at] of [
    ['2026-11-26T04:00:00Z', '2026-11-26T04:00:00.000Z'],
    ['2026-11-26T04:00+01:00', '2026-11-26T03:00:00.000Z'],
    ['2024-02-29T23:59:59.5-03:30', '2024-03-01T03:29:59.500Z'],
  ])
    assert.equal(restoreTime(text as string)?.toISOString(), at);
  for (const text of [
    '2026-11-26T04:00:00',
    '2026-11-26 04:00',
    '2026-11-26',
    '2026-02-31T04:00:00Z',
    '2026-11-26T25:00:00Z',
    '11/26/2026 4:00Z',
    'now',
    '',
  ])
    assert.equal(restoreTime(text), null, text);
});
