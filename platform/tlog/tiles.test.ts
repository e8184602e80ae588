import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  decodeBundle,
  encodeBundle,
  parseTileIndex,
  partialTiles,
  tileIndexPath,
  tilePath,
  tileWidth,
} from './tiles.ts';

test('tile paths are those of the specification', () => {
  assert.equal(tileIndexPath(1_234_067), 'x001/x234/067');
  assert.equal(tilePath(0, 5, 256), '0/005');
  assert.equal(tilePath('entries', 273, 112), 'entries/273.p/112');
});

test('a tree of 70,000 has the partial tiles that the specification counts', () => {
  assert.deepEqual(partialTiles(70_000), [
    { level: 0, index: 273, width: 112 },
    { level: 1, index: 1, width: 17 },
    { level: 2, index: 0, width: 1 },
  ]);
  assert.deepEqual(partialTiles(256), [{ level: 1, index: 0, width: 1 }]);
  assert.equal(tileWidth(70_000, 1, 0), 256);
  assert.equal(tileWidth(70_000, 1, 2), 0);
});

test('one text names one tile: other spellings are refused', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10_000_000_000 }), fc.integer({ min: 1, max: 256 }), (index, width) => {
      assert.deepEqual(parseTileIndex(tilePath(0, index, width).slice(2)), { index, width });
    }),
  );
  for (const path of [
    '',
    '5',
    '05',
    'x000/005',
    '0005',
    '005.p/0',
    '005.p/256',
    '005.p/01',
    '005.p/',
    'x001/x234',
    '../005',
  ]) {
    assert.equal(parseTileIndex(path), null, path);
  }
});

test('a bundle gives back its entries, and refuses to be cut off', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 256 }),
      (entries) => {
        const bundle = encodeBundle(entries);

        assert.deepEqual(
          decodeBundle(bundle),
          entries.map((entry) => Buffer.from(entry)),
        );
        assert.throws(() => decodeBundle(bundle.subarray(0, -1)), RangeError);
      },
    ),
    { numRuns: 30 },
  );
  assert.throws(() => encodeBundle([Buffer.alloc(65_536)]), RangeError);
});
