import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isDone, standingsOf, STANDINGS } from './duty-states.ts';

test('what is due is open, not done; each state stands in one place', () => {
  assert.deepEqual(
    standingsOf(['passed', 'exempt', 'due', 'due', 'assigned', 'revoked', 'grace', 'lapsed']).map(({ value }) => value),
    [2, 2, 2, 1, 1],
  );
  const placed = STANDINGS.flatMap(([, states]) => states);
  assert.equal(new Set(placed).size, placed.length);
  assert.deepEqual(placed.filter(isDone), STANDINGS[0]?.[1]);
});
