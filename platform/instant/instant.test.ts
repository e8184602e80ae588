import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseInstant } from './index.ts';

test('a moment has its zone, is of a day that exists, and can be kept', () => {
  for (const [text, at] of [
    ['2026-11-26T04:00:00Z', '2026-11-26T04:00:00.000Z'],
    ['2026-11-26T04:00+01:00', '2026-11-26T03:00:00.000Z'],
    ['2024-02-29T23:59:59.5-03:30', '2024-03-01T03:29:59.500Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ] as const)
    assert.equal((parseInstant(text) as Date).toISOString(), at);
  for (const text of ['2026-11-26T04:00:00', '2026-11-26 04:00', '2026-11-26', '11/26/2026 4:00Z', '+010000-01-01T00:00:00Z', 'now', ''])
    assert.equal(parseInstant(text), 'form', text);
  for (const text of ['2026-02-31T04:00:00Z', '2026-13-01T04:00:00Z', '2026-11-26T25:00:00Z', '2016-12-31T23:59:60Z', '0001-01-01T00:00:00+01:00', '9999-12-31T23:59:59-14:00'])
    assert.equal(parseInstant(text), null, text);
}); // prettier-ignore
