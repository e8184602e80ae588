import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { isFailure } from '#platform/failure';
import { rootUnwrap, rootWrap } from './root-wrap.ts';

const root = randomBytes(32);
const context = { use: 'first', epoch: '1' };
const refused = (thrown: unknown): boolean => isFailure(thrown, 'KMS_WRONG_CONTEXT');

test('bytes of every allowed size come back, whatever the order of the context', () => {
  for (const size of [1, 32, 4096]) {
    const bytes = randomBytes(size);
    const blob = rootWrap(root, bytes, 'k/1', context);
    assert.deepEqual(rootUnwrap(root, blob, 'k/1', { epoch: '1', use: 'first' }), bytes);
  }
  assert.throws(
    () => rootWrap(root, randomBytes(4097), 'k/1', context),
    (e) => isFailure(e, 'KMS_BLOB_TOO_LARGE'),
  );
  assert.throws(
    () => rootWrap(root, new Uint8Array(0), 'k/1', context),
    (e) => isFailure(e, 'KMS_EMPTY'),
  );
});

test('a flipped byte, a cut blob, another root, key version or context is refused', () => {
  const blob = rootWrap(root, randomBytes(32), 'k/1', context);
  for (let at = 0; at < blob.length; at++) {
    const flipped = Buffer.from(blob);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    assert.throws(() => rootUnwrap(root, flipped, 'k/1', context), refused);
    assert.throws(() => rootUnwrap(root, blob.subarray(0, at), 'k/1', context), refused);
  }
  assert.throws(() => rootUnwrap(randomBytes(32), blob, 'k/1', context), refused);
  assert.throws(() => rootUnwrap(root, blob, 'k/2', context), refused);
  for (const other of [{}, { use: 'first' }, { use: 'first', epoch: '2' }, { ...context, more: '' }])
    assert.throws(() => rootUnwrap(root, blob, 'k/1', other), refused);
});
