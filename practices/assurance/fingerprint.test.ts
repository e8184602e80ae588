import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { fingerprintOf } from './fingerprint.ts';

const part = fc.string({ unit: 'grapheme', maxLength: 20 });
const sighted = fc.record({ rule: part, asset: part, place: part, parameter: part });

test('a fingerprint stays what it is from version to version', () => {
  assert.equal(
    fingerprintOf({ rule: 'zap:40018', asset: 'shop.example', place: 'GET /items/{n}', parameter: 'id' }),
    '71e26c7077c4706323fc430c238d0eecffd2c90325ba6cabc2e4c684b5d56c0d',
  );
});

test('it is what docs/formats/finding-fingerprint.md says, by another way of writing it', () => {
  fc.assert(
    fc.property(sighted, ({ rule, asset, place, parameter }) => {
      const hex = ['strongroom finding 1', rule, asset, place, parameter]
        .map((text) => Buffer.from(text.normalize('NFC')).toString('hex'))
        .map((bytes) => (bytes.length / 2).toString(16).padStart(8, '0') + bytes)
        .join('');
      const slow = createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
      assert.equal(fingerprintOf({ rule, asset, place, parameter }), slow);
    }),
  );
});

test('the same four parts have the same fingerprint, and other parts another', () => {
  fc.assert(
    fc.property(sighted, sighted, (one, other) => {
      const normal = ({ rule, asset, place, parameter }: typeof one): string =>
        JSON.stringify([rule, asset, place, parameter].map((text) => text.normalize('NFC')));
      assert.equal(fingerprintOf(one) === fingerprintOf(other), normal(one) === normal(other));
      assert.equal(fingerprintOf({ ...one }), fingerprintOf(one));
    }),
  );
});

test('no part runs into the next, and none is another', () => {
  const all = [
    { rule: 'ab', asset: 'c', place: '', parameter: '' },
    { rule: 'a', asset: 'bc', place: '', parameter: '' },
    { rule: 'a', asset: '', place: 'bc', parameter: '' },
    { rule: 'a', asset: '', place: '', parameter: 'bc' },
    { rule: 'c', asset: 'ab', place: '' },
  ].map((each) => fingerprintOf(each));

  assert.equal(new Set(all).size, all.length);
  assert.equal(
    fingerprintOf({ rule: 'a', asset: 'b', place: 'c' }),
    fingerprintOf({ rule: 'a', asset: 'b', place: 'c', parameter: '' }),
  );
});
