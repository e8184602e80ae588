import assert from 'node:assert/strict';
import { test } from 'node:test';

import { migrate } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import { createMeasures } from './measures.ts';

const KEY = 'key_00000000000000000000000001';

test('what is held back is so on a server whose clock is another than the database’s, and goes on for as long as was said, also where the database is away', async (t) => {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'traffic', folder: new URL('../sql/', import.meta.url) }]);
  const by = { actor: { kind: 'staff', id: 'per_1' }, address: '198.51.100.1' } as const;
  for (const hours of [-1, 1]) {
    let now = Date.now() + hours * 3_600_000;
    const measures = createMeasures({ db, audit: { appendIn: () => Promise.resolve({}) as never }, clock: () => new Date(now), protectedNetworks: [], ownerOf: () => Promise.resolve(null) });
    const wanted = { seconds: 600, reason: 'x', caseId: null };
    await measures.take(by, { ...wanted, kind: 'block-address', target: '203.0.113.9' });
    await measures.take(by, { ...wanted, kind: 'throttle', target: KEY });
    const asked = (): void => {
      for (let n = 0; n < 9; n += 1) measures.afterDoor([KEY]);
    };

    assert.throws(() => measures.atDoor('203.0.113.9'), { code: 'TRAFFIC_BLOCKED' }, `${hours}`);
    assert.throws(asked, { code: 'TRAFFIC_HELD_BACK' }, `${hours}`);
    now += 601_000;
    measures.atDoor('203.0.113.9');
    asked();
  }
}); // prettier-ignore
