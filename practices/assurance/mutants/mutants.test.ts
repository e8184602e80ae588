/** A mutant that does not fit its file any more plants nothing: that is found here, before a system is started with it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { mutated } from './plant.ts';
import { publishedKills } from './published.ts';
import { readMutants } from './shelf.ts';

const ROOT = new URL('../../../', import.meta.url);

test('each mutant changes its file in one place', async () => {
  const unfit: string[] = [];
  for (const mutant of await readMutants())
    if (mutated(await readFile(new URL(mutant.file, ROOT), 'utf8'), mutant) === null)
      unfit.push(`${mutant.id}: ${mutant.file}`);
  assert.deepEqual(unfit, []);
});

test('the kill rate that is published is of these mutants, and all of them are caught', async () => {
  const { length } = await readMutants();
  const { killed, mutants } = (await publishedKills()) ?? {};
  assert.deepEqual([killed, mutants], [length, length], 'count them anew: npm run mutants');
});

test('what stands nowhere, twice, or would stay as it is, is no mutant', () => {
  assert.equal(mutated('a b a', { find: 'b', replace: 'c' }), 'a c a');
  assert.equal(mutated('a b a', { find: 'x', replace: 'c' }), null);
  assert.equal(mutated('a b a', { find: 'a', replace: 'c' }), null);
  assert.equal(mutated('a b a', { find: 'b', replace: 'b' }), null);
  assert.equal(mutated('a b a', { find: 'b', replace: '$&$&' }), 'a $&$& a');
});
