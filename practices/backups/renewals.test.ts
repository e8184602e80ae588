import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';

import { refuseRenewed } from './renewals.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const entry = (id: string, scope: 'begun' | 'ended', minute: number) =>
  ({ what: 'renewal', idHash: id, scope, at: at(minute) }) as const;

test('rows of before or within a renewal of all keys are refused, whatever else was renewed; rows of after it are not', () => {
  const opens = (minute: number, ...entries: ReturnType<typeof entry>[]): boolean => {
    try {
      refuseRenewed(entries, new Date(at(minute)));
      return true;
    } catch (thrown) {
      assert.ok(isFailure(thrown, 'BACKUPS_KEYS_RENEWED'));
      return false;
    }
  };
  const first = [entry('a', 'begun', 10), entry('a', 'ended', 20)];
  const second = [entry('b', 'begun', 30), entry('b', 'ended', 40)];
  assert.deepEqual([5, 15, 19].map((minute) => opens(minute, ...first)), [false, false, false]);
  assert.deepEqual([20, 25].map((minute) => opens(minute, ...first)), [true, true]);
  assert.deepEqual([25, 35, 40].map((minute) => opens(minute, ...first, ...second)), [false, false, true]);
  // the ledger may have heard of the end alone, or of the end before the beginning
  assert.deepEqual([15, 25].map((minute) => opens(minute, entry('a', 'ended', 20))), [false, true]);
  assert.deepEqual([15, 25].map((minute) => opens(minute, ...first.toReversed())), [false, true]);
  // one that was under way when the system was lost: nobody knows which keys are gone
  assert.deepEqual([5, 45].map((minute) => opens(minute, ...first, entry('b', 'begun', 30))), [false, false]);
  // to the newest there is, rows and keys go to the same end
  assert.doesNotThrow(() => refuseRenewed([entry('b', 'begun', 30)], null));
}); // prettier-ignore
