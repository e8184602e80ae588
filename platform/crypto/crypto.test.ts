import assert from 'node:assert/strict';
import { createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { format, inspect } from 'node:util';

import fc from 'fast-check';

import { equal, hkdfSha256, hmacExpand, lengthPrefixed, randomPool, secret } from './index.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

test('equal tells equal bytes from different ones, also of different length', () => {
  assert.equal(equal(hex('0102'), hex('0102')), true);
  assert.equal(equal(hex('0102'), hex('0103')), false);
  assert.equal(equal(hex('0102'), hex('010200')), false);
  assert.equal(equal(hex(''), hex('')), true);
});

test('HKDF gives the answers of RFC 5869 appendix A', () => {
  const cases = [
    {
      ikm: '0b'.repeat(22),
      salt: '000102030405060708090a0b0c',
      info: 'f0f1f2f3f4f5f6f7f8f9',
      size: 42,
      okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    },
    {
      ikm: '0b'.repeat(22),
      salt: '',
      info: '',
      size: 42,
      okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    },
  ];

  for (const { ikm, salt, info, size, okm } of cases) {
    assert.equal(hkdfSha256(hex(ikm), hex(salt), hex(info), size).toString('hex'), okm);
  }
});

test('HKDF agrees with node for any material, salt, label and size', () => {
  const bytes = fc.uint8Array({ maxLength: 100 });

  fc.assert(
    fc.property(bytes, bytes, bytes, fc.integer({ min: 1, max: 300 }), (ikm, salt, info, size) => {
      const ours = hkdfSha256(ikm, salt, info, size);
      assert.equal(equal(ours, new Uint8Array(hkdfSync('sha256', ikm, salt, info, size))), true);
    }),
  );
});

test('a key object expands to the same bytes as the raw key', () => {
  const key = randomBytes(32);

  assert.deepEqual(hmacExpand(createSecretKey(key), 'label', 48), hmacExpand(key, 'label', 48));
});

test('HKDF refuses sizes it cannot give', () => {
  for (const size of [0, -1, 1.5, 8161, Number.NaN]) {
    assert.throws(() => hmacExpand(randomBytes(32), 'label', size), RangeError);
  }
  assert.equal(hmacExpand(randomBytes(32), 'label', 8160).length, 8160);
});

test('no two lists of parts have the same encoding', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 4 });
  const same = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
    a.length === b.length && a.every((part, i) => equal(part, b[i] as Uint8Array));

  fc.assert(
    fc.property(parts, parts, (a, b) => {
      assert.equal(equal(lengthPrefixed(...a), lengthPrefixed(...b)), same(a, b));
    }),
    { numRuns: 2_000 },
  );
});

test('text parts are UTF-8 and their length counts bytes', () => {
  assert.equal(lengthPrefixed('é', hex('ff')).toString('hex'), '0002c3a90001ff');
  assert.equal(lengthPrefixed().length, 0);
});

test('a part longer than its length field is refused', () => {
  assert.throws(() => lengthPrefixed(new Uint8Array(65_536)), RangeError);
  assert.throws(() => lengthPrefixed('é'.repeat(32_768)), RangeError);
  assert.equal(lengthPrefixed(new Uint8Array(65_535)).length, 65_537);
});

test('a pool hands out each random byte once, in order, across refills', () => {
  let counter = 0;
  const source: number[] = [];
  const pool = randomPool(64, (bytes) => {
    for (let i = 0; i < bytes.length; i += 1) {
      bytes[i] = counter = (counter + 1) % 251;
      source.push(counter);
    }
  });

  const slices = Array.from({ length: 100 }, () => pool.take(8));

  assert.deepEqual([...Buffer.concat(slices)], source.slice(0, 800));
});

test('a slice taken earlier does not change when the pool is refilled', () => {
  const pool = randomPool(64);
  const first = pool.take(12);
  const before = Buffer.from(first);

  for (let i = 0; i < 50; i += 1) pool.take(12);

  assert.deepEqual(first, before);
});

test('a pool never repeats a nonce, fills in place, and serves draws larger than itself', () => {
  const pool = randomPool(256);
  const seen = new Set(Array.from({ length: 20_000 }, () => pool.take(12).toString('hex')));
  const target = Buffer.alloc(20);

  pool.fill(target, 4, 12);

  assert.equal(seen.size, 20_000);
  assert.equal(target.readUInt32BE(0) + target.readUInt32BE(16), 0);
  assert.ok(target.subarray(4, 16).some((byte) => byte !== 0));
  assert.equal(new Set(pool.take(1_000)).size > 200, true);
  assert.throws(() => pool.fill(target, 10, 12), RangeError);
  assert.throws(() => randomPool(63), RangeError);
});

test('a secret prints as [redacted] everywhere and opens only by reveal', () => {
  const key = secret('hunter2');
  const shown = [
    `${key}`,
    String(key),
    '' + key,
    JSON.stringify({ key }),
    inspect({ deep: [key] }, { depth: 9, showHidden: true }),
    format('%s %o %j', key, key, key),
    new Error(`wrong key ${key}`).stack ?? '',
    JSON.stringify(Object.entries(key)),
  ];

  for (const text of shown) assert.doesNotMatch(text, /hunter2/);
  for (const text of shown.slice(0, 5)) assert.match(text, /\[redacted\]/);
  assert.throws(() => structuredClone(key));
  assert.equal(key.reveal(), 'hunter2');
});
