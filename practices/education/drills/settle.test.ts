/** The end of a drill: what it may hold while it asks, whom it takes something back from, and what of rote it does not count. */
import { test } from 'node:test';
import assert from 'node:assert/strict';

import { byPerson, educationWorlds, START } from '../testing-gate.ts';

// one alone: a transaction that asks out of the same pool waits for itself
const { world } = educationWorlds(1);

test('with one connection drills end and things are taken back: nothing is asked of the pool within a transaction', { timeout: 30_000 }, async () => {
  const { one, hire, set, effect } = await world('a', { courses: [], policies: [], drills: ['stolen-laptop'] });
  const [ada, bea] = [hire(), hire()];
  const by = byPerson(ada);
  const id = await one.drills.begin(by, { text: 'stolen-laptop', people: [ada], roles: [], beginsAt: null });
  await one.drills.join(by, ada, id);
  await one.drills.note(by, ada, id, 'x');
  set(new Date(START.getTime() + 26 * 60_000));
  assert.equal(await one.drills.sweep(), 1);
  assert.equal((await one.drills.look(ada, id)).state, 'failed');
  await one.manage.revoke(by, bea, { kind: 'drill', id: 'stolen-laptop' }, 'because');
  assert.equal(await effect(bea), 'denied');
}); // prettier-ignore
