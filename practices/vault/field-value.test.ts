import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { BUCKET_BYTES, readValue, valueBytes, writeValue } from './field-value.ts';
import type { FieldValue } from './types.ts';

function encode(value: FieldValue, padded: boolean): Buffer {
  const target = Buffer.alloc(valueBytes(value, padded) + 7, 0xee);
  return target.subarray(0, writeValue(target, value, padded));
}

const anyValue = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
  fc.boolean(),
  fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean())),
);

test('what is written is read back, padded or not, and has the size that was said', () => {
  fc.assert(
    fc.property(anyValue, fc.boolean(), (value, padded) => {
      const bytes = encode(value, padded);

      assert.equal(bytes.length, valueBytes(value, padded));
      assert.deepEqual(readValue(bytes), value);
    }),
  );
});

test('padded values of one bucket have one size', () => {
  const sizes = new Set(['', 'no', 'yes', 'perhaps not'].map((value) => encode(value, true).length));

  assert.deepEqual([...sizes], [BUCKET_BYTES]);
});

test('bytes that are no value give null, and no message that quotes them', () => {
  const bad = [
    '',
    `04${Buffer.from('{"secret').toString('hex')}`,
    '02',
    '027878',
    '03',
    '0302',
    '030100',
    '09',
    '81',
    '8161',
  ];

  for (const hex of bad) assert.equal(readValue(Buffer.from(hex, 'hex')), null, hex);
});
