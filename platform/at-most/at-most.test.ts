import assert from 'node:assert/strict';
import { test } from 'node:test';

import { atMost, readAtMost } from './index.ts';

/** Pieces of ten bytes without end, or so many. */
async function* pieces(asked: { times: number; isLeft: boolean }, many = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
  try {
    for (; asked.times < many; asked.times += 1) yield new Uint8Array(10);
  } finally {
    asked.isLeft = true;
  }
} // prettier-ignore

test('what is as long as it may be is read whole; what is longer is left, at once', async () => {
  const [whole, endless] = [
    { times: 0, isLeft: false },
    { times: 0, isLeft: false },
  ];
  assert.equal((await readAtMost(pieces(whole, 3), 30))?.length, 30);
  assert.equal(await readAtMost(pieces(endless), 30), null);
  assert.deepEqual([endless.times, endless.isLeft], [3, true]);
  assert.equal((await readAtMost(null, 30))?.length, 0);
});

test('what ends it otherwise is not taken for its length', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1);
    throw new Error('cut off');
  }
  await assert.rejects(readAtMost(broken(), 30), /cut off/);
  const read = async () => await Array.fromAsync(atMost(pieces({ times: 0, isLeft: false }), 25, () => new Error('ours')));
  await assert.rejects(read, /ours/);
}); // prettier-ignore
