import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CONTROL_TESTS, FAMILIES, readMutants } from '#practices/assurance';

import { GROUPS } from '../testing-mutants.ts';

test('there are at least thirty, over all families, each in one group, and each names tests that there are', async () => {
  const mutants = await readMutants();
  const tests = new Set(CONTROL_TESTS.map(({ id }) => id));
  assert.ok(mutants.length >= 30, `${mutants.length} mutants`);
  assert.deepEqual(
    FAMILIES.filter((family) => !mutants.some((each) => each.family === family)),
    [],
  );
  assert.deepEqual(Object.values(GROUPS).flat().toSorted(), [...FAMILIES].toSorted());
  for (const { id, killedBy } of mutants)
    assert.ok(killedBy.length > 0 && killedBy.every((each) => tests.has(each)), `${id}: ${killedBy.join()}`);
  assert.equal(new Set(mutants.map(({ id }) => id)).size, mutants.length);
});
