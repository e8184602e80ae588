import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { sha3of256 } from './sha3.ts';

test("the SDK's SHA3-256 agrees with OpenSSL for every length up to three blocks", () => {
  for (let size = 0; size < 410; size += 1) {
    const message = randomBytes(size);
    assert.deepEqual(Buffer.from(sha3of256(message)), createHash('sha3-256').update(message).digest());
  }
});
