import assert from 'node:assert/strict';
import { test } from 'node:test';

import { whyNotOneOfTwo } from './index.ts';

const people = () => Promise.resolve(true);
const nobody = () => Promise.resolve(false);

test('two keys of one person are one; a key that nobody stands behind is one of two only while there are no people', async () => {
  const [ada, adasKey, bare] = [{ id: 'per_1', person: 'per_1' }, { id: 'key_1', person: 'per_1' }, { id: 'key_2' }];

  assert.equal(await whyNotOneOfTwo(ada, null, people), null);
  assert.equal(await whyNotOneOfTwo(adasKey, 'per_1', people), 'same person');
  assert.equal(await whyNotOneOfTwo(adasKey, 'per_2', people), null);
  assert.equal(await whyNotOneOfTwo(bare, 'key_2', nobody), 'same person');
  assert.equal(await whyNotOneOfTwo(bare, 'key_1', nobody), null);
  assert.equal(await whyNotOneOfTwo(bare, 'key_1', people), 'no person');
  assert.equal(await whyNotOneOfTwo(bare, null, people), 'no person', 'nor the first of two');
});
