import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bandsOf } from './flow-bands.ts';

test('two ends are joined by the fields that both have, and those that share none are not', () => {
  const from = [
    { label: 'they say it', fields: ['email', 'city'] },
    { label: 'not said', fields: ['since'] },
  ];
  const to = [
    { label: 'bills', fields: ['email', 'city', 'phone'] },
    { label: 'mail', fields: ['email'] },
  ];

  assert.deepEqual(bandsOf(from, to), [
    { from: 0, to: 0, weight: 2 },
    { from: 0, to: 1, weight: 1 },
  ]);
});
