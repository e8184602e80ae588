// kind: program
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { forgottenAt } from './times.ts';

test('what was decided on 29 February is known until the last day of February, three years later', () => {
  const row = { outcome: 'coaching', appealed_at: null, appeal: null, answered_at: null } as const;
  const gone = (decided: string): string | undefined =>
    forgottenAt({ ...row, decided_at: new Date(decided) })?.toISOString();

  assert.equal(gone('2028-02-29T10:00:00Z'), '2031-02-28T10:00:00.000Z');
  assert.equal(gone('2026-11-28T10:00:00Z'), '2029-11-28T10:00:00.000Z');
});
