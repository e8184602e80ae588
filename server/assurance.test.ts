/** A whole system attacked by itself: the runner is a process of its own, on a server that listens. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { findRun, resultsOf } from '#practices/assurance';
import { twoSystems, type TwoSystems } from './testing.ts';

/** What says nothing on a system that nobody has set up yet: a backup, a feed of known weaknesses. */
const NOT_SET_UP = ['BACKUP-01', 'BACKUP-02', 'BACKUP-03', 'SUPPLY-03', 'SUPPLY-04'];

let two: TwoSystems;
before(async () => {
  two = await twoSystems({ STRONGROOM_ASSURANCE_ARMED: 'always' });
  // somebody who is no canary
  const { key } = await two.newKey('application');
  const body = { collection: 'customer', fields: { last_name: 'Somebody', email: 'somebody@example.org' } };
  assert.equal((await two.call('POST', '/v1/vault/records', { key, body })).status, 201);
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
  assert.ok(results.length >= 55, `${results.length} tests ran`);
  assert.deepEqual(results.filter(({ verdict, test_id }) => verdict !== 'pass' && !(verdict === 'invalid' && NOT_SET_UP.includes(test_id))).map(({ test_id, because }) => `${test_id}: ${because}`), []);
}); // prettier-ignore
