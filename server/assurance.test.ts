/** A whole system attacked by itself: the runner is a process of its own, on a server that listens. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { findRun, resultsOf } from '#practices/assurance';
import { twoSystems, type TwoSystems } from './testing.ts';

let two: TwoSystems;
before(async () => {
  two = await twoSystems({ STRONGROOM_ASSURANCE_ARMED: 'always' });
});
after(() => two.close());

test('every control test passes on a system that is well', async (t) => {
  const [, system] = two.systems;
  const run = await system.assurance.begin({ actor: { kind: 'system', id: 'test' } }, []);
  await system.assurance.settled();
  const row = await findRun(system.db, run);
  const results = await resultsOf(system.db, run);
  for (const each of results) t.diagnostic(`${each.test_id} ${each.verdict} ${each.duration_ms} ms ${each.requests}: ${each.because}`);
  assert.equal(row?.state, 'done', row?.because);
  assert.deepEqual(results.filter(({ verdict }) => verdict !== 'pass').map(({ test_id, because }) => `${test_id}: ${because}`), []);
}); // prettier-ignore
